#include "guest/kmsg.hpp"

#include <charconv>
#include <cstdint>

namespace labctl {

namespace {

template <class Number>
bool take_number(std::string_view& text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take_comma(std::string_view& text) {
  if (text.empty() || text[0] != ',') return false;
  text.remove_prefix(1);
  return true;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Undoes the kernel's \xNN for bytes that are not printable, and for the backslash itself.
std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && text[i + 1] == 'x' && hex_digit(text[i + 2]) >= 0 &&
        hex_digit(text[i + 3]) >= 0) {
      result += static_cast<char>(hex_digit(text[i + 2]) * 16 + hex_digit(text[i + 3]));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

std::optional<KmsgRecord> parse_kmsg(std::string_view record) {
  const auto semicolon = record.find(';');
  if (semicolon == std::string_view::npos) return std::nullopt;
  std::string_view prefix = record.substr(0, semicolon);
  std::string_view text = record.substr(semicolon + 1);
  text = text.substr(0, text.find('\n'));  // what follows are the record's KEY=value lines

  KmsgRecord result;
  unsigned priority = 0;
  if (!take_number(prefix, priority) || !take_comma(prefix) || !take_number(prefix, result.sequence) ||
      !take_comma(prefix) || !take_number(prefix, result.timestamp_us))
    return std::nullopt;
  result.level = static_cast<int>(priority & 7U);
  result.facility = static_cast<int>(priority >> 3U);
  const std::string_view caller = ",caller=";
  if (const auto at = prefix.find(caller); at != std::string_view::npos) {
    const auto rest = prefix.substr(at + caller.size());
    result.caller = rest.substr(0, rest.find(','));
  }
  result.text = unescaped(text);
  return result;
}

}  // namespace labctl
