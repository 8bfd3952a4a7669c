// A fault as a compiler shows it.
#include <fmt/format.h>

#include <algorithm>

#include "source_text.hpp"
#include "spec/lab_reader.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

constexpr int max_columns = 100;  // of the source line shown, in terminal cells
constexpr int tab_stop = 8;

char32_t decode(std::string_view character) {
  const auto byte = [&character](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0);
  char32_t code = byte(0) & (0xFFU >> (character.size() + 1));
  for (std::size_t i = 1; i < character.size(); ++i)
    code = (code << 6) | (byte(i) & 0x3FU);
  return code;
}

// Terminal cells of a character, by the blocks that matter in practice (Unicode's EastAsianWidth, general category M).
int cell_count(char32_t code) {
  struct Range {
    char32_t first, last;
    int cells;
  };
  static constexpr Range ranges[] = {
      {0x0300, 0x036F, 0}, {0x200B, 0x200F, 0}, {0xFE00, 0xFE0F, 0},   {0xFEFF, 0xFEFF, 0},   {0x1100, 0x115F, 2},
      {0x2E80, 0x303E, 2}, {0x3041, 0xA4CF, 2}, {0xAC00, 0xD7A3, 2},   {0xF900, 0xFAFF, 2},   {0xFE30, 0xFE6F, 2},
      {0xFF00, 0xFF60, 2}, {0xFFE0, 0xFFE6, 2}, {0x1F300, 0x1F64F, 2}, {0x1F900, 0x1F9FF, 2}, {0x20000, 0x3FFFD, 2},
  };
  for (const Range& range : ranges) {
    if (code >= range.first && code <= range.last) return range.cells;
  }
  return 1;
}

// A character that would turn round or hide the text after it (UAX #9's controls, line and paragraph separators).
bool is_deceptive(char32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0x2028 || code == 0x2029;
}

struct Cell {
  std::string text;
  int width;
};

// The next character of the line as it is shown, which begins at terminal column `column` (from 0).
Cell next_cell(std::string_view& line, int column) {
  const std::size_t length = std::max<std::size_t>(spec::utf8_length(line), 1);
  const std::string_view character = line.substr(0, length);
  line.remove_prefix(length);
  if (character == "\t") {
    const int width = tab_stop - column % tab_stop;
    return {std::string(static_cast<std::size_t>(width), ' '), width};
  }
  std::string text = printable(character);
  if (text != character) return {text, static_cast<int>(text.size())};
  const char32_t code = decode(character);
  if (is_deceptive(code)) {
    text = fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(code));
    return {text, static_cast<int>(text.size())};
  }
  return {text, cell_count(code)};
}

// The part of a line around a character (from 1), and the caret's line below it.
std::string excerpt(std::string_view line, int character) {
  std::vector<Cell> cells;
  int width = 0;
  int caret = -1;  // terminal column
  std::size_t caret_cell = 0;
  constexpr std::size_t max_cells = 1 << 16;  // beyond any line that a person reads
  // A very long line is shown from somewhat before the caret; what is before that needs no cells.
  int skipped = 0;
  bool cut = false;
  while (character - skipped > 2 * max_columns && !line.empty()) {
    line.remove_prefix(std::max<std::size_t>(spec::utf8_length(line), 1));
    ++skipped;
    cut = true;
  }
  for (int i = skipped + 1; !line.empty() && cells.size() < max_cells; ++i) {
    if (i == character) {
      caret = width;
      caret_cell = cells.size();
    }
    if (i > character + 2 * max_columns) break;
    cells.push_back(next_cell(line, width));
    width += cells.back().width;
  }
  if (caret < 0) {  // just beyond the line's end
    caret = width;
    caret_cell = cells.size();
  }

  // Cut at the front until the caret is within two thirds, then at the end.
  std::size_t begin = 0;
  while (begin < caret_cell && width > max_columns && caret > max_columns * 2 / 3) {
    caret -= cells[begin].width;
    width -= cells[begin].width;
    ++begin;
    cut = true;
  }
  std::string text = cut ? "..." : "";
  if (cut) caret += 3;
  int shown = 0;
  std::size_t i = begin;
  for (; i < cells.size() && shown + cells[i].width <= max_columns; ++i) {
    text += cells[i].text;
    shown += cells[i].width;
  }
  if (i < cells.size() || !line.empty()) text += "...";
  return "  " + text + "\n  " + std::string(static_cast<std::size_t>(std::max(caret, 0)), ' ') + "^";
}

}  // namespace

std::string format_diagnostic(const std::filesystem::path& file, std::string_view text, const Diagnostic& diagnostic) {
  std::string message = fmt::format("{}:{}:{}: error: {}", printable(file.string()), diagnostic.line, diagnostic.column,
                                    printable(diagnostic.message));
  const spec::SourceText source(text);
  if (diagnostic.line >= 1 && static_cast<std::size_t>(diagnostic.line) <= source.line_count()) {
    const std::string_view line = source.line(static_cast<std::size_t>(diagnostic.line) - 1);
    if (!line.empty()) message += "\n" + excerpt(line, std::max(diagnostic.column, 1));
  }
  if (!diagnostic.hint.empty()) message += "\n  hint: " + printable(diagnostic.hint);
  return message;
}

}  // namespace labctl
