#include <optional>
#include <string_view>

#include "diagnose/diagnose.hpp"

namespace labctl {
namespace {

struct Stamp {
  std::uint64_t timestamp_us = 0;
  std::string caller;
  std::size_t size = 0;  // of the stamp with the blank after it
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes digits off the front of text, at most max_digits; nothing when there are none or too many.
std::optional<std::uint64_t> take_number(std::string_view& text, std::size_t max_digits) {
  std::uint64_t number = 0;
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) {
    if (digits == max_digits) return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(text[digits] - '0');
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// A stamp at the front of text, as kernel/printk/printk.c writes it: print_time() "[%5lu.%06lu]" and print_caller()
// "[%6s]" with "T123" or "C0" (each padded), then a blank. Looks at some 40 bytes at most.
std::optional<Stamp> stamp_at(std::string_view text) {
  std::string_view rest = text;
  if (!take(rest, '[')) return std::nullopt;
  for (int blanks = 0; blanks < 5 && take(rest, ' '); ++blanks) {
  }
  const auto seconds = take_number(rest, 12);
  if (!seconds || !take(rest, '.')) return std::nullopt;
  const std::size_t before = rest.size();
  const auto micros = take_number(rest, 6);
  if (!micros || before - rest.size() != 6 || !take(rest, ']')) return std::nullopt;

  Stamp stamp;
  stamp.timestamp_us = *seconds * 1'000'000 + *micros;
  std::string_view caller = rest;
  if (take(caller, '[')) {
    for (int blanks = 0; blanks < 6 && take(caller, ' '); ++blanks) {
    }
    const char context = caller.empty() ? '\0' : caller.front();
    if (context == 'T' || context == 'C') {
      const std::string_view name = caller;
      caller.remove_prefix(1);
      if (take_number(caller, 10) && take(caller, ']')) {
        stamp.caller = name.substr(0, name.find(']'));
        rest = caller;
      }
    }
  }
  // "[    1.234567]text" is not the kernel's, and an empty record has the blank too unless the line was stripped.
  if (!rest.empty() && !take(rest, ' ')) return std::nullopt;
  stamp.size = text.size() - rest.size();
  return stamp;
}

class ConsoleReader {
 public:
  std::vector<KmsgRecord> read(std::string_view console) {
    while (!console.empty()) {
      const auto end = console.find('\n');
      std::string_view line = console.substr(0, end);
      console.remove_prefix(end == std::string_view::npos ? console.size() : end + 1);
      while (line.ends_with('\r'))
        line.remove_suffix(1);
      add_line(line);
    }
    return std::move(records_);
  }

 private:
  void add_line(std::string_view line) {
    for (std::size_t at = line.find('['); at != std::string_view::npos; at = line.find('[', at + 1)) {
      const auto stamp = stamp_at(line.substr(at));
      if (!stamp) continue;
      // Behind other text only a stamp at its full width is believed, and only the first of a line: what a record
      // says of itself is text.
      if (at > 0 && stamp->size < sizeof("[    0.000000] ") - 1) continue;
      if (at > 0) continue_record(line.substr(0, at));
      KmsgRecord record;
      record.sequence = records_.size();
      record.timestamp_us = stamp->timestamp_us;
      record.caller = stamp->caller;
      record.text = line.substr(at + stamp->size);
      records_.push_back(std::move(record));
      return;
    }
    continue_record(line);
  }

  void continue_record(std::string_view line) {
    if (records_.empty()) {
      if (line.empty()) return;
      records_.emplace_back();
      records_.back().text = line;
      return;
    }
    records_.back().text += '\n';
    records_.back().text += line;
  }

  std::vector<KmsgRecord> records_;
};

}  // namespace

std::vector<KmsgRecord> records_from_console(const std::string& console) {
  return ConsoleReader().read(console);
}

}  // namespace labctl
