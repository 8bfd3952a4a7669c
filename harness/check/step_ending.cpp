#include "step_ending.hpp"

#include <fmt/format.h>

#include <array>

#include "check/check.hpp"
#include "support/limits.hpp"
#include "support/text.hpp"
#include "text_check.hpp"

namespace labctl {
namespace {

// Signals of x86-64, by number from 1.
constexpr std::array<std::string_view, 31> signal_names = {
    "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",  "SIGFPE",
    "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT",
    "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",  "SIGXCPU",
    "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS"};

// What a program that did not end was doing: its input tells what it waited for, its output how far it got.
std::string left_at(const Step& step, const Observation& seen) {
  const auto* run = std::get_if<RunStep>(&step.action);
  if (run == nullptr || (run->input.empty() && !run->tty)) return {};
  std::string text;
  if (seen.parts_written < run->input.size()) {
    const std::string& after = run->input[seen.parts_written].after;
    text += fmt::format("; part {} of its input was not taken", seen.parts_written + 1);
    if (!after.empty()) text += " after " + labctl::quoted(after, 80);
  }
  const auto lines = split_lines(seen.standard_output);
  return text + (lines.empty() ? "; it printed nothing" : "; it printed last " + labctl::quoted(lines.back(), 80));
}

}  // namespace

std::string signal_text(int number) {
  return number >= 1 && number <= static_cast<int>(signal_names.size())
             ? fmt::format("signal {} ({})", number, signal_names[static_cast<std::size_t>(number) - 1])
             : fmt::format("signal {}", number);
}

std::chrono::milliseconds limit_of(const Step& step) {
  return step.limit.value_or(Limits{}.step);
}

std::string ending_text(const Step& step, const Observation& observation) {
  switch (observation.ending) {
    case Ending::completed: return "completed";
    case Ending::killed:
      return fmt::format("the kernel killed the process that did it with {}, as it does after an oops",
                         signal_text(observation.killed_by));
    case Ending::timed_out: {
      auto limit = limit_of(step);
      if (const auto* dmesg = std::get_if<DmesgStep>(&step.action)) limit += dmesg->within;
      if (const auto* wait = std::get_if<WaitStep>(&step.action))
        return fmt::format("{} did not end within {}", wait->name, human_duration(limit));
      return "did not end within " + human_duration(limit) + left_at(step, observation);
    }
    case Ending::guest_ended: return "the machine went down (a panic, a reset or a halt)";
    case Ending::flooded: return "the machine was stopped because its log grew past the size limit";
    case Ending::tampered: return "an answer came that the guest's agent cannot have sent";
    case Ending::not_run: return "was not run";
  }
  return "ended in an unknown way";
}

CheckResult check_end(const Step& step, const Observation& observation) {
  const auto wanted = [&]() -> std::string {
    switch (step.ends) {
      case StepEnd::completes: return "the step to complete";
      case StepEnd::killed: return "the kernel to kill the process that does it";
      case StepEnd::hangs: return "no end of it within " + human_duration(limit_of(step));
      case StepEnd::dies: return "the machine to go down";
    }
    return {};
  };
  const std::string what = fmt::format("{}: {}", step_summary(step), wanted());
  if (ended_as_expected(step, observation)) return passing(what);
  std::string seen = ending_text(step, observation);
  if (observation.ending == Ending::completed && observation.error_number != 0)
    seen = "failure with " + errno_name(observation.error_number);
  return failing(what, wanted(), seen);
}

bool ended_as_expected(const Step& step, const Observation& seen) {
  switch (step.ends) {
    case StepEnd::completes: return seen.ending == Ending::completed;
    case StepEnd::killed: return seen.ending == Ending::killed;
    // A program that hangs is ended by the agent, at the same limit.
    case StepEnd::hangs:
      return seen.ending == Ending::timed_out || (seen.ending == Ending::completed && seen.program_timed_out);
    case StepEnd::dies: return seen.ending == Ending::guest_ended;
  }
  return false;
}

}  // namespace labctl
