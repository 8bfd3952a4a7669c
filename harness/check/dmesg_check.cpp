#include "dmesg_check.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "check/check.hpp"
#include "log_filter.hpp"
#include "support/text.hpp"
#include "text_check.hpp"

namespace labctl {
namespace {

constexpr std::size_t max_shown_records = 6;
constexpr const char* cut_log = "a kernel log that was cut, so what is missing from it is not known";

// Only what the kernel itself wrote: a program may write any line to /dev/kmsg, but not with facility 0.
bool counts(const KmsgRecord& record, const std::optional<LogLevel>& level) {
  return record.facility == 0 && (!level || record.level == static_cast<int>(*level));
}

using Records = std::vector<const KmsgRecord*>;

Records selected(std::span<const KmsgRecord> scope, const std::optional<LogLevel>& level) {
  Records records;
  for (const KmsgRecord& record : scope) {
    if (counts(record, level)) records.push_back(&record);
  }
  return records;
}

const KmsgRecord* find(const Records& records, const std::string& text) {
  const auto found = std::find_if(records.begin(), records.end(),
                                  [&text](const KmsgRecord* record) { return holds(record->text, text); });
  return found == records.end() ? nullptr : *found;
}

std::uint64_t count(const Records& records, const std::string& text) {
  return static_cast<std::uint64_t>(std::count_if(
      records.begin(), records.end(), [&text](const KmsgRecord* record) { return holds(record->text, text); }));
}

// How many of the texts are found, each in a record after that of the one before. Taking the first record that fits
// each is enough: a later one never leaves more room.
std::size_t sequence_length(const Records& records, const std::vector<std::string>& texts) {
  std::size_t length = 0;
  for (const KmsgRecord* record : records) {
    if (length == texts.size()) break;
    if (holds(record->text, texts[length])) ++length;
  }
  return length;
}

bool any_matches(const Records& records, const RE2& regex) {
  return std::any_of(records.begin(), records.end(),
                     [&regex](const KmsgRecord* record) { return found(regex, record->text); });
}

LogFilter filter_of(const Records& records) {
  std::string lines;
  for (const KmsgRecord* record : records)
    lines += record->text + "\n";
  return LogFilter(std::move(lines));
}

std::string record_line(const KmsgRecord& record) {
  return one_line(format_record(record), 300);
}

std::string level_text(int level) {
  return level >= 0 && level <= 7 ? std::string(level_name(static_cast<LogLevel>(level)))
                                  : fmt::format("level {}", level);
}

// "2 lines, none of them that", with the last records below.
std::string summary(const Records& records) {
  if (records.empty()) return "no line at all";
  std::string text = records.size() == 1 ? "1 other line" : fmt::format("{} other lines", records.size());
  const std::size_t begin = records.size() > max_shown_records ? records.size() - max_shown_records : 0;
  if (begin > 0) text += fmt::format(", of which the last {}", max_shown_records);
  for (std::size_t i = begin; i < records.size(); ++i) {
    text += "\n  " + record_line(*records[i]);
  }
  return text;
}

class DmesgChecker {
 public:
  DmesgChecker(const DmesgStep& step, std::span<const KmsgRecord> scope, std::span<const KmsgRecord> test_log,
               bool log_cut)
      : step_(step), scope_(scope), test_log_(test_log), log_cut_(log_cut), records_(selected(scope, step.level)) {}

  std::vector<CheckResult> run() {
    for (const std::string& text : step_.has)
      check_has(text);
    const LogFilter filter = filter_of(step_.matches.empty() ? Records() : records_);
    for (const std::string& expression : step_.matches)
      check_matches(expression, filter);
    if (!step_.sequence.empty()) check_sequence();
    if (step_.count) check_count();
    for (const std::string& text : step_.lacks)
      check_lacks(text);
    if (checks_.empty()) checks_.push_back(passing("the kernel log can be read"));
    return std::move(checks_);
  }

 private:
  // "at level err", "since the step before" as far as the step says so; begins with a blank, may be empty.
  std::string where() const {
    std::string text;
    if (step_.level) text += fmt::format(" at level {}", level_name(*step_.level));
    if (step_.scope == LogScope::step) text += " since the step before";
    return text;
  }

  // Why a text is not among the records although it is somewhere near; empty when it is nowhere.
  std::string near_miss(const std::string& text) const {
    if (text.empty()) return {};
    for (const KmsgRecord& record : scope_) {
      if (!holds(record.text, text)) continue;
      if (record.facility != 0) return "it only from a program that wrote to /dev/kmsg: " + record_line(record);
      return fmt::format("it at level {}: {}", level_text(record.level), record_line(record));
    }
    for (const KmsgRecord& record : test_log_) {
      if (counts(record, step_.level) && holds(record.text, text)) return "it only earlier: " + record_line(record);
    }
    for (const KmsgRecord* record : records_) {
      if (holds_in_any_case(record->text, text)) {
        return "it with other upper or lower case: " + record_line(*record);
      }
    }
    return {};
  }

  std::string absent(const std::string& text) const {
    std::string seen = near_miss(text);
    if (seen.empty()) seen = summary(records_);
    return log_cut_ ? seen + "\n  (" + cut_log + ")" : seen;
  }

  void check_has(const std::string& text) {
    const std::string what = fmt::format("the kernel log has {}{}", quoted(text, 200), where());
    if (find(records_, text) != nullptr) {
      checks_.push_back(passing(what));
    } else {
      checks_.push_back(
          failing(what, fmt::format("a kernel log line with {}{}", quoted(text, 200), where()), absent(text)));
    }
  }

  void check_matches(const std::string& expression, const LogFilter& filter) {
    const std::string what = fmt::format("the kernel log matches {}{}", quoted(expression, 200), where());
    const std::string expected = fmt::format("a kernel log line that matches {}{}", quoted(expression, 200), where());
    const RE2 regex = compile(expression);
    if (!regex.ok()) {
      checks_.push_back(failing(what, expected, "an expression that is not valid: " + one_line(regex.error())));
    } else if (filter.may_match(expression) && any_matches(records_, regex)) {
      checks_.push_back(passing(what));
    } else {
      checks_.push_back(failing(what, expected, absent({})));
    }
  }

  void check_sequence() {
    std::vector<std::string> texts;
    for (const std::string& text : step_.sequence)
      texts.push_back(quoted(text, 100));
    const std::string list = join(texts, ", ");
    const std::string what = fmt::format("the kernel log has in this order{}: {}", where(), list);
    const std::size_t length = sequence_length(records_, step_.sequence);
    if (length == step_.sequence.size()) {
      checks_.push_back(passing(what));
      return;
    }
    const std::string& missing = step_.sequence[length];
    if (length == 0) {
      checks_.push_back(failing(what, fmt::format("kernel log lines{} with, in this order, {}", where(), list),
                                "no first one: " + absent(missing)));
      return;
    }
    const std::string expected = fmt::format("a kernel log line{} with {} after the one with {}", where(),
                                             quoted(missing, 200), quoted(step_.sequence[length - 1], 200));
    const KmsgRecord* earlier = find(records_, missing);
    checks_.push_back(
        failing(what, expected, earlier != nullptr ? "it only before: " + record_line(*earlier) : absent(missing)));
  }

  void check_count() {
    const auto lines = [](std::uint64_t n) { return n == 1 ? std::string("1 line") : fmt::format("{} lines", n); };
    const std::string tail = fmt::format(" with {}{}", quoted(step_.count_text, 200), where());
    const std::string what = "the kernel log has exactly " + lines(*step_.count) + tail;
    const std::string expected = "exactly " + lines(*step_.count) + " in the kernel log" + tail;
    const std::uint64_t seen = count(records_, step_.count_text);
    if (log_cut_) {
      checks_.push_back(failing(what, expected, fmt::format("{} in {}", lines(seen), cut_log)));
    } else if (seen == *step_.count) {
      checks_.push_back(passing(what));
    } else {
      std::string text = seen == 0 ? absent(step_.count_text) : lines(seen);
      checks_.push_back(failing(what, expected, text));
    }
  }

  void check_lacks(const std::string& text) {
    const std::string what = fmt::format("the kernel log lacks {}{}", quoted(text, 200), where());
    const std::string expected = fmt::format("no kernel log line with {}{}", quoted(text, 200), where());
    const KmsgRecord* record = find(records_, text);
    if (record != nullptr) {
      checks_.push_back(failing(what, expected, record_line(*record)));
    } else if (log_cut_) {
      checks_.push_back(failing(what, expected, cut_log));
    } else {
      checks_.push_back(passing(what));
    }
  }

  const DmesgStep& step_;
  std::span<const KmsgRecord> scope_;
  std::span<const KmsgRecord> test_log_;
  bool log_cut_;
  Records records_;
  std::vector<CheckResult> checks_;
};

}  // namespace

bool dmesg_satisfied(const DmesgStep& step, std::span<const KmsgRecord> scope) {
  const Records records = selected(scope, step.level);
  const LogFilter filter = filter_of(step.matches.empty() ? Records() : records);
  const auto matched = [&](const std::string& expression) {
    const RE2 regex = compile(expression);
    return regex.ok() && filter.may_match(expression) && any_matches(records, regex);
  };
  return std::all_of(step.has.begin(), step.has.end(),
                     [&records](const std::string& text) { return find(records, text) != nullptr; }) &&
         std::all_of(step.matches.begin(), step.matches.end(), matched) &&
         sequence_length(records, step.sequence) == step.sequence.size() &&
         (!step.count || count(records, step.count_text) == *step.count);
}

std::vector<CheckResult> check_dmesg(const DmesgStep& step, std::span<const KmsgRecord> scope,
                                     std::span<const KmsgRecord> test_log, bool log_cut) {
  return DmesgChecker(step, scope, test_log, log_cut).run();
}

}  // namespace labctl
