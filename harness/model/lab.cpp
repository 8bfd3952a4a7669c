#include "model/lab.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <charconv>

#include "model/report_kind.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

constexpr std::size_t max_word = 120;  // of a path, argument or text in a summary

// A word as a person would write it: bare where nothing in it could be misread, quoted otherwise.
std::string word(const std::string& text) {
  const bool plain =
      !text.empty() && text.size() <= max_word &&
      text.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:,=@%^~*?[]{}()<>|&;!#$") ==
          std::string::npos;
  return plain ? text : quoted(text, max_word);
}

struct Kind {
  std::string operator()(const LoadStep&) const { return "load"; }
  std::string operator()(const UnloadStep&) const { return "unload"; }
  std::string operator()(const BuildStep&) const { return "build"; }
  std::string operator()(const ReadStep&) const { return "read"; }
  std::string operator()(const WriteStep&) const { return "write"; }
  std::string operator()(const StatStep&) const { return "stat"; }
  std::string operator()(const ListStep&) const { return "list"; }
  std::string operator()(const OpenStep&) const { return "open"; }
  std::string operator()(const CloseStep&) const { return "close"; }
  std::string operator()(const SeekStep&) const { return "seek"; }
  std::string operator()(const PollStep&) const { return "poll"; }
  std::string operator()(const IoctlStep&) const { return "ioctl"; }
  std::string operator()(const RunStep&) const { return "run"; }
  std::string operator()(const SleepStep&) const { return "sleep"; }
  std::string operator()(const RebootStep&) const { return "reboot"; }
  std::string operator()(const WaitStep&) const { return "wait"; }
  std::string operator()(const RunningStep&) const { return "running"; }
  std::string operator()(const KillStep&) const { return "kill"; }
  std::string operator()(const ElapsedStep&) const { return "elapsed"; }
  std::string operator()(const DmesgStep&) const { return "dmesg"; }
};

struct Summary {
  std::string operator()(const LoadStep& step) const {
    std::string text = "load " + word(step.module);
    for (const auto& [name, value] : step.params) {
      text += " " + word(name) + "=" + word(value);
    }
    return text;
  }

  std::string operator()(const UnloadStep& step) const { return "unload " + word(step.module); }

  std::string operator()(const BuildStep& step) const { return "build " + word(step.module); }

  std::string operator()(const ReadStep& step) const {
    std::string text = "read ";
    if (step.bytes) text += *step.bytes + (*step.bytes == "1" ? " byte of " : " bytes of ");
    text += word(step.file);
    return step.at ? text + " at " + *step.at : text;
  }

  std::string operator()(const WriteStep& step) const {
    const std::string text = fmt::format("write {} to {}", quoted(step.data, 60), word(step.file));
    return step.at ? text + " at " + *step.at : text;
  }

  std::string operator()(const StatStep& step) const { return "stat " + word(step.path); }
  std::string operator()(const ListStep& step) const { return "list " + word(step.path); }
  std::string operator()(const OpenStep& step) const {
    return fmt::format("open {} as {}", word(step.path), step.name);
  }
  std::string operator()(const CloseStep& step) const { return "close " + step.name; }

  std::string operator()(const SeekStep& step) const {
    const char* from = step.whence == 0 ? "" : step.whence == 1 ? " from where it is" : " from the end";
    return fmt::format("seek {} to {}{}", step.name, step.to, from);
  }

  std::string operator()(const PollStep& step) const {
    return fmt::format("poll {} for {}", step.name, poll_events_text(step.events));
  }

  std::string operator()(const IoctlStep& step) const {
    // As programs name it, in hexadecimal; one that is not known yet is as it was written.
    const auto number = whole_number(step.request);
    const std::string request = number ? fmt::format("{:#x}", *number) : word(step.request);
    std::string text = step.request_words.empty()
                           ? fmt::format("ioctl {} {}", step.name, request)
                           : fmt::format("ioctl {} {} ({})", step.name, step.request_words, request);
    if (step.argument == IoctlStep::Argument::value || step.argument == IoctlStep::Argument::integer)
      text += " with " + step.value;
    if (step.argument == IoctlStep::Argument::data) text += " with " + quoted(step.data, 60);
    return text;
  }

  std::string operator()(const RunStep& step) const {
    std::string text = "run";
    for (const std::string& argument : step.argv) {
      text += " " + word(argument);
    }
    return text;
  }

  std::string operator()(const SleepStep& step) const { return "sleep " + human_duration(step.time); }
  std::string operator()(const RebootStep&) const { return "reboot"; }
  std::string operator()(const WaitStep& step) const { return "wait for " + step.name; }
  std::string operator()(const RunningStep& step) const { return step.name + " is still under way"; }
  std::string operator()(const KillStep& step) const { return "kill " + step.name; }
  std::string operator()(const ElapsedStep& step) const { return "elapsed since " + step.since; }

  std::string operator()(const DmesgStep& step) const {
    std::vector<std::string> parts;
    const auto add = [&parts](const char* verb, const std::vector<std::string>& texts) {
      for (const std::string& text : texts) {
        parts.push_back(fmt::format("{} {}", verb, quoted(text, 60)));
      }
    };
    add("has", step.has);
    add("lacks", step.lacks);
    add("matches", step.matches);
    if (!step.sequence.empty()) {
      std::vector<std::string> texts;
      for (const std::string& text : step.sequence) {
        texts.push_back(quoted(text, 60));
      }
      parts.push_back("has in order " + join(texts, ", "));
    }
    if (step.count) {
      parts.push_back(fmt::format("has {} {}", quoted(step.count_text, 60),
                                  *step.count == 1 ? "once" : fmt::format("{} times", *step.count)));
    }
    return parts.empty() ? "dmesg" : "dmesg " + join(parts, ", ");
  }
};

}  // namespace

std::string step_kind(const Step& step) {
  return std::visit(Kind{}, step.action);
}

std::string step_summary(const Step& step) {
  const std::string text = std::visit(Summary{}, step.action);
  return step.background.empty() ? text : fmt::format("{} in the background as {}", text, step.background);
}

const Step* background_step(const Test& test, std::size_t before, const std::string& name) {
  for (std::size_t i = std::min(before, test.steps.size()); i-- > 0;)
    if (test.steps[i].background == name) return &test.steps[i];
  return nullptr;
}

std::optional<std::int64_t> whole_number(std::string_view number) {
  const bool negative = number.starts_with('-');
  if (negative || number.starts_with('+')) number.remove_prefix(1);
  const bool hexadecimal = number.starts_with("0x") || number.starts_with("0X");
  if (hexadecimal) number.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value, hexadecimal ? 16 : 10);
  const std::uint64_t most = static_cast<std::uint64_t>(INT64_MAX) + (negative ? 1 : 0);
  if (number.empty() || error != std::errc() || end != number.data() + number.size() || value > most)
    return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - value : value);
}

std::string poll_events_text(int events) {
  static constexpr std::pair<int, const char*> names[] = {
      {POLLIN, "in"}, {POLLOUT, "out"}, {POLLPRI, "pri"}, {POLLERR, "err"}, {POLLHUP, "hup"}};
  std::vector<std::string> words;
  for (const auto& [event, name] : names)
    if ((events & event) != 0) words.emplace_back(name);
  return words.empty() ? "nothing" : join(words, " ");
}

bool TextExpectation::empty() const {
  return !equals && !exactly && contains.empty() && lacks.empty() && matches.empty() && !lines && !bytes &&
         sequence.empty() && !unordered && includes.empty() && numbers.empty() && tables.empty() && json.empty();
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::emerg: return "emerg";
    case LogLevel::alert: return "alert";
    case LogLevel::crit: return "crit";
    case LogLevel::err: return "err";
    case LogLevel::warning: return "warning";
    case LogLevel::notice: return "notice";
    case LogLevel::info: return "info";
    case LogLevel::debug: return "debug";
  }
  return "unknown";
}

std::string_view step_end_name(StepEnd end) {
  switch (end) {
    case StepEnd::completes: return "completes";
    case StepEnd::killed: return "killed";
    case StepEnd::hangs: return "hangs";
    case StepEnd::dies: return "dies";
  }
  return "unknown";
}

std::string expected_report_text(const ExpectedReport& expected) {
  std::string text = join(expected.kinds, " or ");
  if (!expected.in.empty()) text += " in " + word(expected.in);
  if (!expected.line.empty()) text += " at " + quoted(expected.line, max_word);
  return text;
}

bool needs_debug(const Test& test) {
  const auto debug_only = [](const std::string& name) {
    const ReportKind* kind = find_report_kind(name);
    return kind != nullptr && kind->debug;
  };
  return test.init_faults || std::any_of(test.reports.begin(), test.reports.end(), [&](const ExpectedReport& one) {
           return !one.optional && std::all_of(one.kinds.begin(), one.kinds.end(), debug_only);
         });
}

}  // namespace labctl
