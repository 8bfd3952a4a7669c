// The bytes of a spec: lines, positions, and what is refused before a YAML parser sees them.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "faults.hpp"

namespace labctl::spec {

// The length of the UTF-8 sequence at the start of bytes (RFC 3629), 0 where there is none. bytes is not empty.
std::size_t utf8_length(std::string_view bytes);

// Does not own the text. A byte order mark at the start is not part of it.
class SourceText {
 public:
  explicit SourceText(std::string_view text);

  std::string_view text() const { return text_; }
  std::size_t line_count() const { return starts_.size(); }
  // Without its newline (or CR LF). index counts from 0 and is less than line_count().
  std::string_view line(std::size_t index) const;
  // The offset of a byte given by line and byte column, both from 0; clamped to the text.
  std::size_t offset(int line, int byte_column) const;
  // Both from 0; clamped to the text. Cheap when asked in the text's order, even within one very long line.
  Position position(int line, int byte_column) const;

 private:
  std::size_t line_index(int line) const;

  std::string_view text_;
  std::vector<std::size_t> starts_;
  // The last answer of position(): counting goes on from there.
  mutable std::size_t cursor_line_ = 0;
  mutable std::size_t cursor_byte_ = 0;
  mutable int cursor_column_ = 0;
};

// Faults for bytes that a lab spec cannot have (NUL and other controls, invalid UTF-8, a lone CR) and for tabs in
// indentation. yaml-cpp takes byte 0x04 for the end of the file, drops a lone CR, and counts a tab as one blank: the
// rest of the file would silently mean something else. False: do not parse.
bool check_source(const SourceText& source, Faults& faults);

}  // namespace labctl::spec
