#include "nearest_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_map>

#include "support/text.hpp"
#include "text_check.hpp"

namespace labctl {
namespace {

constexpr std::size_t max_alike = 3;
constexpr std::size_t max_last = 8;
constexpr std::size_t max_shown_line = 200;  // bytes

// What a text has in common with others: which groups of three bytes are in it.
class Likeness {
 public:
  explicit Likeness(const std::vector<std::string>& wanted) {
    for (const auto& text : wanted)
      for (const auto line : split_lines(text))
        each_group(line, [this](std::uint32_t group) {
          lines_[group] = 0;
          maybe_[group % maybe_.size()] = true;
        });
  }

  // How many groups the line shares; each counts once. number: of the line, from 1.
  std::size_t with(std::string_view line, std::uint32_t number) {
    std::size_t shared = 0;
    each_group(line, [&](std::uint32_t group) {
      if (!maybe_[group % maybe_.size()]) return;
      const auto found = lines_.find(group);
      if (found == lines_.end() || found->second == number) return;
      found->second = number;
      ++shared;
    });
    return shared;
  }

  // From here on it is no chance.
  std::size_t least() const { return std::max<std::size_t>(1, std::min<std::size_t>(3, (lines_.size() + 1) / 2)); }

 private:
  static std::uint32_t lower(char c) {
    return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }

  template <class Function>
  static void each_group(std::string_view line, Function function) {
    for (std::size_t i = 0; i + 2 < line.size(); ++i)
      function(lower(line[i]) << 16U | lower(line[i + 1]) << 8U | lower(line[i + 2]));
  }

  std::unordered_map<std::uint32_t, std::uint32_t> lines_;  // each group, and the last line that had it
  std::array<bool, 65521> maybe_{};                         // whether to look there at all: most groups are not
};

struct Line {
  std::size_t index;
  std::size_t likeness;
};

std::vector<Line> most_alike(const std::vector<std::string_view>& lines, const std::vector<std::string>& wanted) {
  Likeness likeness(wanted);
  std::vector<Line> best;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t shared = likeness.with(lines[i], static_cast<std::uint32_t>(i + 1));
    if (shared < likeness.least()) continue;
    best.push_back({i, shared});
    std::stable_sort(best.begin(), best.end(), [](const Line& a, const Line& b) { return a.likeness > b.likeness; });
    if (best.size() > max_alike) best.pop_back();
  }
  std::sort(best.begin(), best.end(), [](const Line& a, const Line& b) { return a.index < b.index; });
  return best;
}

// How many bytes from `at` on are one element of the expression that is no literal: a class, a repetition, flags.
std::size_t special_length(std::string_view expression, std::size_t at) {
  const auto up_to = [&](char end, std::size_t from) {
    const auto found = expression.find(end, from);
    return (found == std::string_view::npos ? expression.size() : found + 1) - at;
  };
  switch (expression[at]) {
    case '\\': return 2;
    case '[': return up_to(']', at + 2);
    case '{': return up_to('}', at);
    case '(': return expression.substr(at + 1).starts_with('?') ? std::min(up_to(')', at), up_to(':', at)) : 1;
    default: return 1;
  }
}

}  // namespace

std::string shown_near(std::string_view text, const std::vector<std::string>& wanted) {
  const auto lines = split_lines(text);
  if (lines.size() <= max_last) return shown(text);
  const auto alike = most_alike(lines, wanted);
  std::string result;
  const auto add = [&](std::size_t index) {
    result += fmt::format("\n{:4} | {}", index + 1, one_line(lines[index], max_shown_line));
  };
  if (alike.empty()) {
    result = fmt::format("{} lines, of which the last {}", lines.size(), max_last);
    for (std::size_t i = lines.size() - max_last; i < lines.size(); ++i)
      add(i);
  } else {
    result = fmt::format("{} lines, of which {} most like it", lines.size(),
                         alike.size() == 1 ? "this is" : fmt::format("these {} are", alike.size()));
    for (const Line& line : alike)
      add(line.index);
  }
  return result;
}

std::vector<std::string> literal_parts(std::string_view expression) {
  constexpr std::string_view special = "\\.^$|()[]{}*+?";
  constexpr std::string_view letters_and_digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  std::vector<std::string> parts(1);
  for (std::size_t at = 0; at < expression.size();) {
    const char c = expression[at];
    const bool escaped = c == '\\' && at + 1 < expression.size() &&
                         letters_and_digits.find(expression[at + 1]) == std::string_view::npos;
    if (escaped || special.find(c) == std::string_view::npos) {
      parts.back() += escaped ? expression[at + 1] : c;
      at += escaped ? 2 : 1;
      continue;
    }
    // The byte before may be absent.
    if ((c == '*' || c == '?' || c == '{') && !parts.back().empty()) parts.back().pop_back();
    at += special_length(expression, at);
    if (!parts.back().empty()) parts.emplace_back();
  }
  std::erase_if(parts, [](const std::string& part) { return part.empty(); });
  return parts;
}

}  // namespace labctl
