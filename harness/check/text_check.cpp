#include "text_check.hpp"

#include <fmt/format.h>
#include <re2/re2.h>
#include <string.h>

#include <algorithm>

#include "nearest_lines.hpp"
#include "structure_check.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

// quoted() is called by its full name here: for a std::string alone, std::quoted would be the better match.
constexpr std::size_t max_shown_line = 200;  // bytes
constexpr std::size_t max_shown_lines = 8;

std::string_view without_final_newline(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

// Unlike split_lines(), "a\n" has an empty second line: a comparison must see every byte.
std::vector<std::string_view> every_line(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// Lines [begin, end) below each other with their numbers, each cut.
std::string numbered(const std::vector<std::string_view>& lines, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < std::min(end, lines.size()); ++i) {
    text += fmt::format("\n{:4} | {}", i + 1, one_line(lines[i], max_shown_line));
  }
  return text;
}

// Line `index` as one side of a comparison: quoted, from near the first byte that differs when it is long.
std::string compared_line(const std::vector<std::string_view>& lines, std::size_t index, std::size_t differs_at) {
  const std::string_view line = lines[index];
  if (line.size() <= max_shown_line) return fmt::format("line {}: {}", index + 1, labctl::quoted(line, max_shown_line));
  const std::size_t from = std::min(differs_at > 40 ? differs_at - 40 : 0, line.size());
  return fmt::format("line {}, from byte {} of {}: {}", index + 1, from + 1, line.size(),
                     labctl::quoted(line.substr(from), max_shown_line));
}

struct Difference {
  std::string expected;
  std::string seen;
};

// expected and seen differ.
Difference difference(std::string_view expected, std::string_view seen) {
  const auto is_short = [](std::string_view text) {
    return text.size() <= max_shown_line && text.find('\n') == std::string_view::npos;
  };
  if (is_short(expected) && is_short(seen)) {
    return {labctl::quoted(expected, max_shown_line), seen.empty() ? "nothing" : labctl::quoted(seen, max_shown_line)};
  }
  const auto wanted = every_line(expected);
  const auto got = every_line(seen);
  std::size_t index = 0;
  while (index < wanted.size() && index < got.size() && wanted[index] == got[index])
    ++index;
  std::size_t differs_at = 0;
  if (index < wanted.size() && index < got.size()) {
    const auto at = std::mismatch(wanted[index].begin(), wanted[index].end(), got[index].begin(), got[index].end());
    differs_at = static_cast<std::size_t>(at.first - wanted[index].begin());
  }
  const auto side = [&](const std::vector<std::string_view>& lines) {
    if (lines.size() == 1 && lines[0].empty()) return std::string("nothing");
    const std::string first = index < lines.size() ? compared_line(lines, index, differs_at)
                                                   : fmt::format("the end of the text after line {}", lines.size());
    // What is around the line helps only where there is more than one.
    const std::size_t begin = index > 2 ? index - 2 : 0;
    return lines.size() > 1 ? first + numbered(lines, begin, index + 3) : first;
  };
  return {side(wanted), side(got)};
}

// Whether the end of the text takes part in a match, so that a cut text could match where the whole would not. It may
// err on the careful side (an escaped dollar sign).
bool looks_at_the_end(const std::string& expression) {
  return expression.find('$') != std::string::npos || expression.find("\\z") != std::string::npos ||
         expression.find("\\b") != std::string::npos || expression.find("\\B") != std::string::npos;
}

constexpr const char* cut_short = "output that was cut at its size limit, so its whole is not known";

}  // namespace

CheckResult passing(std::string what) {
  return {true, std::move(what), {}, {}};
}

CheckResult failing(std::string what, std::string expected, std::string seen) {
  return {false, std::move(what), std::move(expected), std::move(seen)};
}

void append(std::vector<CheckResult>& checks, std::vector<CheckResult> more) {
  checks.insert(checks.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

bool holds(std::string_view text, std::string_view what) {
  return what.empty() || memmem(text.data(), text.size(), what.data(), what.size()) != nullptr;
}

bool holds_in_any_case(std::string_view text, std::string_view what) {
  return holds(lower(text), lower(what));
}

re2::RE2 compile(const std::string& expression) {
  return RE2(expression, RE2::Quiet);
}

bool found(const re2::RE2& expression, std::string_view text) {
  return expression.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

std::string one_line(std::string_view text, std::size_t max_bytes) {
  std::string line = printable(text.substr(0, max_bytes));
  std::replace(line.begin(), line.end(), '\n', ' ');
  return text.size() > max_bytes ? line + "..." : line;
}

std::string shown(std::string_view text) {
  if (text.empty()) return "nothing";
  const std::string_view body = without_final_newline(text);
  if (body.find('\n') == std::string_view::npos) return labctl::quoted(text, max_shown_line);
  const auto lines = split_lines(text);
  std::string result = fmt::format(
      "{} lines{}", lines.size(),
      lines.size() > max_shown_lines ? fmt::format(", of which the first {}", max_shown_lines) : std::string());
  return result + numbered(lines, 0, max_shown_lines);
}

std::vector<CheckResult> check_text(std::string_view noun, const TextExpectation& expect, const std::string& text,
                                    bool truncated) {
  std::vector<CheckResult> checks;
  // "text" goes without saying in front of what it should be.
  const std::string of = noun == "text" ? std::string() : std::string(noun) + " ";

  if (expect.equals) {
    const std::string what = fmt::format("the {} equals {}", noun, labctl::quoted(*expect.equals));
    const auto wanted = without_final_newline(*expect.equals);
    const auto got = without_final_newline(text);
    if (wanted != got) {
      Difference sides = difference(wanted, got);
      checks.push_back(failing(what, of + sides.expected, sides.seen));
    } else if (truncated) {
      checks.push_back(failing(what, of + "exactly " + labctl::quoted(*expect.equals), cut_short));
    } else {
      checks.push_back(passing(what));
    }
  }

  for (const std::string& part : expect.contains) {
    const std::string what = fmt::format("the {} contains {}", noun, labctl::quoted(part));
    if (holds(text, part)) {
      checks.push_back(passing(what));
      continue;
    }
    std::string seen = shown_near(text, {part});
    if (holds_in_any_case(text, part)) seen = "it with other upper or lower case: " + seen;
    if (truncated) seen = "not in the part kept of " + std::string(cut_short) + ": " + seen;
    checks.push_back(failing(what, fmt::format("{} with {}", noun, labctl::quoted(part)), seen));
  }

  for (const std::string& part : expect.lacks) {
    const std::string what = fmt::format("the {} lacks {}", noun, labctl::quoted(part));
    const std::string expected = fmt::format("{} without {}", noun, labctl::quoted(part));
    if (holds(text, part)) {
      const std::size_t at = static_cast<std::size_t>(
          static_cast<const char*>(memmem(text.data(), text.size(), part.data(), part.size())) - text.data());
      const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
      const std::size_t line_begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
      // A long line is shown from near the place.
      const std::size_t from = at - line_begin > 100 ? at - 100 : line_begin;
      const std::size_t line_end = text.find('\n', at + part.size());
      checks.push_back(
          failing(what, expected,
                  fmt::format("it in line {}: {}", line,
                              labctl::quoted(std::string_view(text).substr(
                                                 from, line_end == std::string::npos ? line_end : line_end - from),
                                             max_shown_line))));
    } else if (truncated) {
      checks.push_back(failing(what, expected, cut_short));
    } else {
      checks.push_back(passing(what));
    }
  }

  for (const std::string& expression : expect.matches) {
    const std::string what = fmt::format("the {} matches {}", noun, labctl::quoted(expression));
    const std::string expected = fmt::format("{} that matches {}", noun, labctl::quoted(expression));
    const RE2 regex = compile(expression);
    if (!regex.ok()) {
      checks.push_back(failing(what, expected, "an expression that is not valid: " + one_line(regex.error())));
    } else if (!found(regex, text)) {
      checks.push_back(failing(what, expected, shown_near(text, literal_parts(expression))));
    } else if (truncated && looks_at_the_end(expression)) {
      checks.push_back(failing(what, expected, cut_short));
    } else {
      checks.push_back(passing(what));
    }
  }

  if (expect.lines) {
    const auto count = static_cast<std::int64_t>(split_lines(text).size());
    const auto lines = [](std::int64_t n) { return n == 1 ? std::string("1 line") : fmt::format("{} lines", n); };
    const std::string what = fmt::format("the {} has {}", noun, lines(*expect.lines));
    const std::string expected = of + lines(*expect.lines);
    if (truncated) {
      checks.push_back(failing(what, expected, fmt::format("{} of {}", lines(count), cut_short)));
    } else if (count != *expect.lines) {
      // shown() begins with the count where there is more than one.
      checks.push_back(failing(what, expected,
                               count > 1    ? shown(text)
                               : count == 1 ? "1 line: " + shown(text)
                                            : "none"));
    } else {
      checks.push_back(passing(what));
    }
  }
  for (auto& check : check_structure(noun, expect, text, truncated))
    checks.push_back(std::move(check));
  return checks;
}

}  // namespace labctl
