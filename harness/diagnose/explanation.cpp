#include "diagnose/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "explanation_values.hpp"
#include "scan.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

Result<const ExplanationName*> find_name(std::string_view name) {
  const auto known = explanation_names();
  const auto found =
      std::find_if(known.begin(), known.end(), [name](const ExplanationName& one) { return one.name == name; });
  if (found != known.end()) return &*found;
  std::vector<std::string> names;
  for (const ExplanationName& one : known)
    names.emplace_back(one.name);
  return fail(Fault::usage, fmt::format("there is no name {}", labctl::quoted(name)), suggestion(name, names));
}

}  // namespace

Result<Explanation::Line> Explanation::parse_line(std::string_view line) {
  Line parsed;
  parsed.otherwise = skip(line, "{else}");
  while (!line.empty()) {
    const auto brace = line.find_first_of("{}");
    if (brace != 0) parsed.pieces.push_back({std::string(line.substr(0, brace)), {}});
    if (brace == std::string_view::npos) break;
    line.remove_prefix(brace);
    const auto end = line.find('}');
    if (end == 0 || end == std::string_view::npos)
      return fail(Fault::usage, "a brace without its other half", "a name is written {lock}");
    std::string_view inside = line.substr(1, end - 1);
    line.remove_prefix(end + 1);
    if (inside == "else")
      return fail(Fault::usage, "{else} is not at the beginning of its line", "begin a line with it");
    const bool only_asks = skip(inside, "if ");
    auto name = find_name(inside);
    if (!name) return fail(name.error());
    if (!only_asks && !(*name)->has_text)
      return fail(Fault::usage, fmt::format("{} has no text of its own", labctl::quoted(inside)),
                  fmt::format("write {{if {}}}", inside));
    parsed.pieces.push_back({{}, (*name)->name, only_asks});
  }
  const bool says_something = std::any_of(parsed.pieces.begin(), parsed.pieces.end(), [](const Piece& piece) {
    return piece.name.empty() ? !without_blanks(piece.text).empty() : !piece.only_asks;
  });
  if (!says_something) return fail(Fault::usage, "the line says nothing", "write a sentence, or remove the line");
  return parsed;
}

Result<Explanation> Explanation::parse(std::string_view text, const std::string& file) {
  Explanation parsed;
  int number = 0;
  for (std::string_view line : split_lines(text)) {
    ++number;
    line = without_blanks(line);
    const auto bad = [&](const Error& error) {
      return fail(Fault::usage, fmt::format("{}:{}: {}", file, number, error.message), error.hint);
    };
    if (printable(line) != line)
      return bad({Fault::usage, "the line has bytes that are no text in UTF-8", "save the file as UTF-8"});
    if (line.empty() || line.starts_with('#')) continue;
    auto made = parse_line(line);
    if (!made) return bad(made.error());
    if (made->otherwise && parsed.lines_.empty())
      return bad({Fault::usage, "{else} has no line above it", "remove {else}"});
    parsed.lines_.push_back(std::move(*made));
  }
  const bool always_says_something = std::any_of(parsed.lines_.begin(), parsed.lines_.end(), [](const Line& line) {
    return std::all_of(line.pieces.begin(), line.pieces.end(), [](const Piece& piece) { return piece.name.empty(); });
  });
  if (!always_says_something)
    return fail(Fault::usage, fmt::format("{}: no line is free of names, so there may be nothing to say", file),
                "write a sentence without any {...}");
  return parsed;
}

std::string Explanation::about(const KernelReport& report) const {
  std::string paragraph;
  bool used = false;  // a line that the next {else} is an alternative to
  for (const Line& line : lines_) {
    if (!line.otherwise) used = false;
    if (used) continue;
    std::string text;
    used = std::all_of(line.pieces.begin(), line.pieces.end(), [&](const Piece& piece) {
      text += piece.text;
      if (piece.name.empty()) return true;
      const auto value = explanation_value(piece.name, report);
      if (value && !piece.only_asks) text += *value;
      return value.has_value();
    });
    if (!used) continue;
    if (!paragraph.empty()) paragraph += ' ';
    paragraph += without_blanks(text);
  }
  return paragraph;
}

std::vector<std::string_view> Explanation::names() const {
  std::vector<std::string_view> names;
  for (const Line& line : lines_)
    for (const Piece& piece : line.pieces)
      if (!piece.name.empty() && std::find(names.begin(), names.end(), piece.name) == names.end())
        names.push_back(piece.name);
  return names;
}

}  // namespace labctl
