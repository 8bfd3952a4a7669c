#include "source_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

namespace labctl::spec {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::size_t leading_blanks(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

bool is_blank_or_comment(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  return first == std::string_view::npos || line[first] == '#';
}

// Whether a line ends in the header of a block scalar ("key: |", "- >-  # why"): tabs in the text below are its own.
bool opens_block_scalar(std::string_view line) {
  if (const auto comment = line.rfind(" #"); comment != std::string_view::npos) line = line.substr(0, comment);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t'))
    line.remove_suffix(1);
  const auto header = line.find_last_of("|>");
  if (header == std::string_view::npos || header < 2) return false;
  if (line.substr(header + 1).find_first_not_of("+-123456789") != std::string_view::npos) return false;
  const char before = line[header - 2];
  return line[header - 1] == ' ' && (before == ':' || before == '-' || before == ' ');
}

// The fault in one line's bytes, if there is one; at is its byte.
std::optional<std::string> byte_fault(std::string_view line, std::size_t& at) {
  at = 0;
  while (at < line.size()) {
    const auto byte = static_cast<unsigned char>(line[at]);
    const std::size_t length = utf8_length(line.substr(at));
    if (length == 0) return fmt::format("byte 0x{:02x} is not UTF-8 text", byte);
    if (byte == 0) return "a NUL byte";
    if (byte == '\r') return "a carriage return that does not end a line";
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) return fmt::format("control character 0x{:02x}", byte);
    const bool c1 = byte == 0xC2 && static_cast<unsigned char>(line[at + 1]) < 0xA0;
    if (c1) return fmt::format("control character U+{:04X}", static_cast<unsigned char>(line[at + 1]));
    at += length;
  }
  return std::nullopt;
}

}  // namespace

std::size_t utf8_length(std::string_view bytes) {
  const auto byte = [&bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || bytes.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(bytes[i])) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool surrogate = first == 0xED && byte(1) > 0x9F;
  const bool too_large = first == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || too_large ? 0 : length;
}

SourceText::SourceText(std::string_view text) : text_(text) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  starts_.push_back(0);
  for (std::size_t i = text_.find('\n'); i != std::string_view::npos; i = text_.find('\n', i + 1)) {
    starts_.push_back(i + 1);
  }
  // A final newline ends the last line; it does not begin another.
  if (starts_.size() > 1 && starts_.back() == text_.size()) starts_.pop_back();
}

std::string_view SourceText::line(std::size_t index) const {
  const std::size_t begin = starts_[index];
  const std::size_t end = index + 1 < starts_.size() ? starts_[index + 1] : text_.size();
  std::string_view line = text_.substr(begin, end - begin);
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::size_t SourceText::line_index(int line) const {
  return std::min(static_cast<std::size_t>(std::max(line, 0)), starts_.size() - 1);
}

std::size_t SourceText::offset(int line, int byte_column) const {
  const std::size_t index = line_index(line);
  return starts_[index] + std::min(static_cast<std::size_t>(std::max(byte_column, 0)), this->line(index).size());
}

Position SourceText::position(int line, int byte_column) const {
  const std::size_t index = line_index(line);
  // Beyond the last line, as where something is missing at the file's end: the end of that line.
  const bool beyond = line >= 0 && static_cast<std::size_t>(line) > index;
  const std::string_view bytes = this->line(index);
  const std::size_t end =
      beyond ? bytes.size() : std::min(static_cast<std::size_t>(std::max(byte_column, 0)), bytes.size());
  if (index != cursor_line_ || end < cursor_byte_) {
    cursor_line_ = index;
    cursor_byte_ = 0;
    cursor_column_ = 0;
  }
  for (; cursor_byte_ < end; ++cursor_byte_) {
    if (!is_continuation(bytes[cursor_byte_])) ++cursor_column_;
  }
  return {static_cast<int>(index) + 1, cursor_column_ + 1};
}

bool check_source(const SourceText& source, Faults& faults) {
  bool good = true;
  for (std::size_t index = 0; index < source.line_count(); ++index) {
    std::size_t at = 0;
    if (auto fault = byte_fault(source.line(index), at)) {
      good = false;
      faults.add(source.position(static_cast<int>(index), static_cast<int>(at)), *fault + " in the spec",
                 "save the file as plain UTF-8 text; inside double quotes \"\\x04\" stands for a control character");
    }
  }
  if (!good) return false;  // a file of another kind: its tabs do not matter

  bool in_block = false;  // a block scalar, opened by a line of this indent
  std::size_t block_indent = 0;
  for (std::size_t index = 0; index < source.line_count(); ++index) {
    const std::string_view line = source.line(index);
    if (is_blank_or_comment(line)) continue;
    const std::size_t indent = leading_blanks(line);
    if (in_block && indent > block_indent) continue;
    if (line[indent] == '\t') {
      good = false;
      faults.add(source.position(static_cast<int>(index), static_cast<int>(indent)), "tab in the indentation",
                 "YAML is indented with blanks only");
    }
    in_block = opens_block_scalar(line);
    block_indent = indent;
  }
  return good;
}

}  // namespace labctl::spec
