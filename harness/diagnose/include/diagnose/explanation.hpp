// Kernel report → what it means in plain words, by a template of its kind's. Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/kernel_report.hpp"
#include "support/result.hpp"

namespace labctl {

// A name that a template may use.
struct ExplanationName {
  std::string_view name;     // "lock"
  std::string_view meaning;  // half a sentence, as docs/kernel-reports.md has it
  bool has_text = true;      // false: it holds or not, and goes with {if ...} only
};
std::span<const ExplanationName> explanation_names();

// A template. Each of its lines is a unit, a sentence as a rule; empty lines and lines that begin with "#" are notes to
// whoever edits it.
//
//   {lock}       stands for what the report says; a line is left out where one of its names is not known.
//   {if at_end}  says nothing and only asks that the name is known.
//   {else}       begins a line that is used only where the one above it was left out; of several in a row the first
//                that can be used is.
class Explanation {
 public:
  // file: how errors name it. Fault::usage with file and line: what is in braces is none of these; or no line is free
  // of names, so that there might be nothing to say; or the text is not UTF-8, or has control characters.
  static Result<Explanation> parse(std::string_view text, const std::string& file);

  // One paragraph, never empty. What comes from the report is as safe to print as the report's own fields are.
  std::string about(const KernelReport& report) const;

  // The names that it uses, each once.
  std::vector<std::string_view> names() const;

 private:
  struct Piece {
    std::string text;       // as it stands; for a name: empty
    std::string_view name;  // one of explanation_names()
    bool only_asks = false;
  };
  struct Line {
    bool otherwise = false;  // it begins with {else}
    std::vector<Piece> pieces;
  };
  static Result<Line> parse_line(std::string_view line);

  std::vector<Line> lines_;
};

// By kind.
using Explanations = std::map<std::string, Explanation, std::less<>>;

}  // namespace labctl
