#include "comparison.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "safe_text.hpp"

namespace labctl::report {
namespace {

constexpr std::size_t max_lines = 40;  // of one side; check/ shows fewer
constexpr std::size_t label_width = 10;

using Lines = std::vector<std::string>;

// Only texts that should have been the same can be compared line by line.
bool wants_equality(const CheckResult& check) {
  return check.what.find(" equals ") != std::string::npos;
}

// "   3 | text", as check/ writes a line with its number.
bool is_numbered(std::string_view line) {
  const auto digit = line.find_first_not_of(' ');
  if (digit == std::string_view::npos) return false;
  const auto end = line.find_first_not_of("0123456789", digit);
  return end != digit && end != std::string_view::npos && line.substr(end).starts_with(" |");
}

// The first line that differs. Numbered lines stand below a headline, which is no line of the text.
std::optional<std::size_t> first_difference(const Lines& expected, const Lines& seen) {
  if (expected.size() < 2 && seen.size() < 2) return std::nullopt;
  const auto has_headline = [](const Lines& lines) { return lines.size() > 1 && is_numbered(lines[1]); };
  std::size_t at = has_headline(expected) || has_headline(seen) ? 1 : 0;
  while (at < expected.size() && at < seen.size() && expected[at] == seen[at]) {
    ++at;
  }
  return at;
}

class Comparison {
 public:
  explicit Comparison(const Style& style) : style_(style) {}

  void add(std::string_view label, const Lines& lines, Tone tone, std::optional<std::size_t> marked) {
    const std::size_t indent = marked ? label_width - 1 : label_width;
    const auto gutter = [&](std::size_t i) {
      if (!marked) return std::string();
      return marked == i ? style_.paint(tone, "> ") : std::string("  ");
    };
    if (lines.empty()) out_.push_back(head(label, indent) + gutter(0) + style_.paint(tone, "nothing"));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const bool loud = i == 0 || marked == i;
      out_.push_back((i == 0 ? head(label, indent) : std::string(indent, ' ')) + gutter(i) +
                     style_.paint(loud ? tone : Tone::plain, lines[i]));
    }
  }

  Lines take() { return std::move(out_); }

 private:
  std::string head(std::string_view label, std::size_t indent) const {
    return style_.paint(Tone::dim, label) + std::string(indent - label.size(), ' ');
  }

  const Style& style_;
  Lines out_;
};

}  // namespace

std::vector<std::string> comparison(const CheckResult& check, const Style& style) {
  const Lines expected = lines_of(check.expected, max_lines);
  const Lines seen = lines_of(check.seen, max_lines);
  if (expected.empty() && seen.empty()) return {};
  std::optional<std::size_t> marked;
  if (wants_equality(check)) marked = first_difference(expected, seen);
  Comparison lines(style);
  if (!expected.empty() || wants_equality(check)) lines.add("expected", expected, Tone::good, marked);
  lines.add("seen", seen, Tone::bad, marked);
  return lines.take();
}

}  // namespace labctl::report
