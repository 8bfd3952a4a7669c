#include "safe_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "support/text.hpp"

namespace labctl::report {
namespace {

constexpr std::size_t max_line_bytes = 1000;  // a longer line of a log or a text tells nobody more
constexpr std::size_t longest_character = 4;  // bytes, in UTF-8

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// Characters that printable() lets through and that still change how a report is read: line and paragraph separators
// and the marks that reverse the direction of text (U+2028 to U+202E, U+2066 to U+2069), and those that XML 1.0 forbids
// (U+FFFE, U+FFFF). All have three bytes in UTF-8. The text is given back with \uNNNN for them.
std::string without_tricks(const std::string& text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t offset) { return static_cast<unsigned char>(text[i + offset]); };
    if ((byte(0) & 0xF0) != 0xE0) {
      result += text[i];
      continue;
    }
    const unsigned code = (byte(0) & 0x0FU) << 12 | (byte(1) & 0x3FU) << 6 | (byte(2) & 0x3FU);
    const bool trick = (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code >= 0xFFFE;
    result += trick ? fmt::format("\\u{:04x}", code) : text.substr(i, 3);
    i += 2;
  }
  return result;
}

// printable(), cut. Not more is converted than is kept: a line of a guest may be a megabyte long. printable() never
// makes text shorter, so a character that is broken by the cut here lies beyond the cut there.
std::string printable_start(std::string_view bytes, std::size_t max_bytes) {
  return cut(without_tricks(printable(bytes.substr(0, max_bytes + longest_character))), max_bytes);
}

std::string safe_line(std::string_view line) {
  while (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return printable_start(line, max_line_bytes);
}

}  // namespace

std::string cut(std::string text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  while (max_bytes > 0 && continues_character(text[max_bytes]))
    --max_bytes;
  text.resize(max_bytes);
  return text + "...";
}

std::string one_line(std::string_view bytes, std::size_t max_bytes) {
  const auto begin = bytes.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  bytes = bytes.substr(begin, bytes.find_last_not_of(" \t\r\n") + 1 - begin);
  std::string text = printable_start(bytes, max_bytes);
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\t', ' ');
  return text;
}

std::vector<std::string> lines_of(std::string_view bytes, std::size_t max_lines, Keep keep) {
  std::vector<std::string_view> lines = split_lines(bytes);
  const std::size_t missing = lines.size() > max_lines ? lines.size() - max_lines : 0;
  std::vector<std::string> kept;
  if (missing > 0 && keep == Keep::last) {
    kept.push_back(fmt::format("... {} before", counted(missing, "line")));
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(missing));
  }
  for (std::size_t i = 0; i < std::min(lines.size(), max_lines); ++i)
    kept.push_back(safe_line(lines[i]));
  if (missing > 0 && keep == Keep::first) kept.push_back(fmt::format("... {} more", counted(missing, "line")));
  return kept;
}

std::string location(const SourceLocation& where) {
  if (where.line <= 0) return "";
  return fmt::format("{}:{}", one_line(where.file.string()), where.line);
}

std::size_t width(std::string_view utf8) {
  return utf8.size() - static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), continues_character));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  while (true) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return lines;
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    if (lines.empty() || width(lines.back()) + 1 + width(word) > columns) {
      lines.emplace_back(word);
    } else {
      lines.back().append(" ").append(word);
    }
  }
}

std::string padded(std::string text, std::size_t to_width) {
  const std::size_t now = width(text);
  if (now < to_width) text.append(to_width - now, ' ');
  return text;
}

std::string counted(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

}  // namespace labctl::report
