// Colours of the text report. Without colour every function returns its text unchanged.
#pragma once

#include <string>
#include <string_view>

namespace labctl::report {

// What a piece of text means; style.cpp decides how that looks.
enum class Tone {
  plain,
  strong,  // titles
  dim,     // what a reader may skip
  good,    // passed, expected
  bad,     // failed, seen: the module's fault
  fault,   // labctl or its environment failed: not the module's fault
  note,    // hints
};

class Style {
 public:
  explicit Style(bool color) : color_(color) {}
  std::string paint(Tone tone, std::string_view text) const;

 private:
  bool color_;
};

}  // namespace labctl::report
