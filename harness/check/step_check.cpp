#include <fmt/format.h>

#include <algorithm>

#include "build_check.hpp"
#include "check/check.hpp"
#include "dmesg_check.hpp"
#include "load_reason.hpp"
#include "nearest_lines.hpp"
#include "program_check.hpp"
#include "step_ending.hpp"
#include "support/text.hpp"
#include "text_check.hpp"
#include "values/values.hpp"

namespace labctl {
namespace {

// What an errno means for this action where the bare name would mislead a beginner; may be empty.
std::string_view unload_hint(int number) {
  switch (number) {
    case 2: return "no such module is loaded";
    case 11: return "the module is in use";
    case 16: return "it has no exit function, or another load or unload of it is not finished";
    default: return {};
  }
}

// The check that an action's system call ended as expected. why explains a failure and may be empty.
CheckResult check_errno(const std::string& summary, int expected, int seen, const std::string& why) {
  const std::string what =
      expected == 0 ? summary + " succeeds" : fmt::format("{} fails with {}", summary, errno_name(expected));
  if (expected == seen) return passing(what);
  const std::string wanted = expected == 0 ? "success" : "failure with " + errno_name(expected);
  std::string text = seen == 0 ? "success" : "failure with " + errno_name(seen);
  if (!why.empty()) text += ": " + why;
  return failing(what, wanted, text);
}

// Judges what a completed step gave.
class ActionChecker {
 public:
  // step is that of `index`, or the background one that it waited for.
  ActionChecker(const Test& test, std::size_t index, const Evidence& evidence, const Step& step)
      : test_(test),
        index_(index),
        evidence_(evidence),
        step_(step),
        seen_(evidence.steps[index]),
        summary_(step_summary(step_)) {}

  std::vector<CheckResult> operator()(const LoadStep& step) const {
    // What init makes of an allocation that fails is its own affair, as long as it comes back.
    if (step.failing_allocation != 0 && step.failing_allocation != LoadStep::count_allocations)
      return {passing(summary_ + " comes back")};
    return {check_errno(summary_, step.expect_errno, seen_.error_number, load_reason(seen_, evidence_))};
  }

  std::vector<CheckResult> operator()(const UnloadStep& step) const {
    constexpr int not_there = 2;  // ENOENT
    if (step.if_loaded && seen_.error_number == not_there) return {passing(summary_ + ": it is not loaded")};
    return {check_errno(summary_, step.expect_errno, seen_.error_number, std::string(unload_hint(seen_.error_number)))};
  }

  std::vector<CheckResult> operator()(const BuildStep& step) const {
    return seen_.build ? check_build(step, *seen_.build)
                       : std::vector{failing(summary_, "a build of " + step.module, "none")};
  }

  std::vector<CheckResult> operator()(const ReadStep& step) const {
    std::vector<CheckResult> checks = {check_errno(summary_, step.expect_errno, seen_.error_number, {})};
    // What a failed read gave is no text to judge.
    if (checks.front().passed) append(checks, check_text("text", step.expect, seen_.data, seen_.truncated));
    return checks;
  }

  std::vector<CheckResult> operator()(const WriteStep& step) const {
    std::vector<CheckResult> checks = {check_errno(summary_, step.expect_errno, seen_.error_number, {})};
    if (!checks.front().passed || (step.expect_errno != 0 && !step.expect_bytes)) return checks;
    const auto wanted =
        step.expect_bytes ? static_cast<std::uint64_t>(whole_number(*step.expect_bytes).value_or(0)) : step.data.size();
    const auto bytes = [](std::uint64_t n) { return n == 1 ? std::string("1 byte") : fmt::format("{} bytes", n); };
    const std::string what = step.expect_bytes ? "the write takes " + bytes(wanted)
                                               : fmt::format("the write takes all of its {}", bytes(wanted));
    checks.push_back(seen_.bytes_written == wanted
                         ? passing(what)
                         : failing(what, bytes(wanted) + " taken", bytes(seen_.bytes_written) + " taken"));
    return checks;
  }

  std::vector<CheckResult> operator()(const StatStep& step) const {
    std::vector<CheckResult> checks = {check_errno(summary_, step.expect_errno, seen_.error_number, {})};
    if (!checks.front().passed) return checks;
    for (const auto& [field, wanted] : step.expect) {
      const std::string what = fmt::format("the {} of {} is {}", field, step.path, wanted);
      const std::string seen = stat_field(field);
      checks.push_back(same_value(wanted, seen)
                           ? passing(what)
                           : failing(what, fmt::format("{} {}", field, wanted), fmt::format("{} {}", field, seen)));
    }
    return checks;
  }

  std::vector<CheckResult> operator()(const ListStep& step) const {
    std::vector<CheckResult> checks = {check_errno(summary_, step.expect_errno, seen_.error_number, {})};
    if (checks.front().passed) append(checks, check_text("list", step.expect, seen_.data, seen_.truncated));
    return checks;
  }

  std::vector<CheckResult> operator()(const OpenStep& step) const {
    return {check_errno(summary_, step.expect_errno, seen_.error_number, {})};
  }

  std::vector<CheckResult> operator()(const CloseStep& step) const {
    return {check_errno(summary_, step.expect_errno, seen_.error_number,
                        seen_.error_number == 9 ? "no step of this test holds a file open under that name" : "")};
  }

  std::vector<CheckResult> operator()(const SeekStep& step) const {
    std::vector<CheckResult> checks = {check_errno(summary_, step.expect_errno, seen_.error_number, {})};
    if (checks.front().passed && step.expect_offset)
      checks.push_back(check_result("the offset", *step.expect_offset, seen_.result));
    return checks;
  }

  std::vector<CheckResult> operator()(const PollStep& step) const {
    std::vector<CheckResult> checks = {check_errno(summary_, 0, seen_.error_number, {})};
    if (!checks.front().passed) return checks;
    const int seen = static_cast<int>(seen_.result);
    const std::string wanted = poll_events_text(step.expect.value_or(step.events));
    const bool good = step.expect ? seen == *step.expect : (seen & step.events) != 0;
    const std::string what = fmt::format("{} is ready for {}", step.name, wanted);
    checks.push_back(good ? passing(what)
                          : failing(what, fmt::format("{} ready for {}", step.name, wanted),
                                    fmt::format("ready for {}", poll_events_text(seen))));
    return checks;
  }

  std::vector<CheckResult> operator()(const IoctlStep& step) const {
    std::vector<CheckResult> checks = {check_errno(summary_, step.expect_errno, seen_.error_number, {})};
    if (!checks.front().passed || step.expect_errno != 0) return checks;
    if (step.expect_result) checks.push_back(check_result("ioctl()'s result", *step.expect_result, seen_.result));
    if (step.expect_integer) checks.push_back(check_result("the integer", *step.expect_integer, integer(step.size)));
    append(checks, check_text("data", step.expect, seen_.data, seen_.truncated));
    return checks;
  }

  std::vector<CheckResult> operator()(const SleepStep&) const {
    return {check_errno(summary_, 0, seen_.error_number, {})};
  }

  std::vector<CheckResult> operator()(const RebootStep&) const {
    // Not to fail is not enough: a module may have made the system call do nothing.
    if (seen_.error_number == 0 && !seen_.rebooted)
      return {
          failing(summary_, "the machine goes down and boots again", "reboot() came back and the machine is still up")};
    return {check_errno(summary_, 0, seen_.error_number, {})};
  }

  // Judged as the step that was waited for: see check_step().
  std::vector<CheckResult> operator()(const WaitStep& step) const { return {passing(step.name + " has ended")}; }

  std::vector<CheckResult> operator()(const RunningStep& step) const {
    const std::string what = fmt::format("{} is still under way after {}", step.name, human_duration(step.time));
    return {seen_.still_running ? passing(what)
                                : failing(what, step.name + " still under way after " + human_duration(step.time),
                                          "it has ended already")};
  }

  std::vector<CheckResult> operator()(const KillStep&) const {
    return {check_errno(summary_, 0, seen_.error_number, seen_.error_number == 3 ? "it has ended already" : "")};
  }

  std::vector<CheckResult> operator()(const ElapsedStep& step) const {
    std::optional<std::size_t> marked;
    for (std::size_t i = 0; i < index_; ++i)
      if (test_.steps[i].mark == step.since) marked = i;
    if (!marked) return {failing(summary_, "a step that is marked " + step.since, "none")};
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(seen_.at - evidence_.steps[*marked].mark);
    std::vector<CheckResult> checks;
    const auto add = [&](bool good, const char* bound, std::chrono::milliseconds limit) {
      const std::string wanted = fmt::format("{} {} ms since {}", bound, limit.count(), step.since);
      checks.push_back(good ? passing(wanted) : failing(wanted, wanted, fmt::format("{} ms", took.count())));
    };
    if (step.min) add(took >= *step.min, "at least", *step.min);
    if (step.max) add(took <= *step.max, "at most", *step.max);
    return checks;
  }

  std::vector<CheckResult> operator()(const RunStep& step) const { return check_program(step_, step, seen_); }

  std::vector<CheckResult> operator()(const DmesgStep& step) const {
    if (seen_.error_number != 0) {
      return {failing("the kernel log can be read", "the kernel log",
                      "failure with " + errno_name(seen_.error_number) + " to read it")};
    }
    const auto scope = dmesg_scope(test_, index_, evidence_);
    const std::size_t end = static_cast<std::size_t>(scope.data() + scope.size() - evidence_.log.data());
    const std::size_t begin = std::min(evidence_.test_begin, end);
    const std::span<const KmsgRecord> whole(evidence_.log.data() + begin, end - begin);
    return check_dmesg(step, scope, whole, evidence_.log_cut);
  }

 private:
  // Of the agent's "field value" lines.
  std::string stat_field(const std::string& field) const {
    for (const auto line : split_lines(seen_.data))
      if (line.starts_with(field + " ")) return std::string(line.substr(field.size() + 1));
    return "unknown";
  }

  // As written, or as numbers: 0644 is no number of ours, and 010 must not be taken for 10.
  static bool same_value(const std::string& wanted, const std::string& seen) {
    if (wanted == seen) return true;
    const auto number = whole_number(wanted);
    return number && !wanted.starts_with('0') && number == whole_number(seen);
  }

  static CheckResult check_result(const std::string& of, const Number& wanted, std::int64_t seen) {
    const std::string what = fmt::format("{} is {}", of, wanted);
    return whole_number(wanted) == seen ? passing(what) : failing(what, wanted, std::to_string(seen));
  }

  // What was pointed to, as a signed integer of so many bytes.
  std::int64_t integer(int size) const {
    std::uint64_t value = 0;
    for (int i = 0; i < size && i < static_cast<int>(seen_.data.size()); ++i)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(seen_.data[static_cast<std::size_t>(i)]))
               << (8 * i);
    const int unused = 64 - 8 * size;
    return static_cast<std::int64_t>(value << unused) >> unused;
  }

  const Test& test_;
  std::size_t index_;
  const Evidence& evidence_;
  const Step& step_;
  const Observation& seen_;
  std::string summary_;
};

std::vector<CheckResult> check_saves(const Step& step, const std::string& text) {
  std::vector<CheckResult> checks;
  for (const Save& save : step.save) {
    const std::string what = fmt::format("{} is saved", save.name);
    if (saved_value(save, text)) {
      checks.push_back(passing(what));
    } else {
      checks.push_back(failing(what,
                               fmt::format("text that matches {}, for {}", labctl::quoted(save.pattern), save.name),
                               shown_near(text, literal_parts(save.pattern))));
    }
  }
  return checks;
}

std::vector<CheckResult> check_action(const Test& test, std::size_t index, const Evidence& evidence, const Step& step) {
  auto checks = std::visit(ActionChecker(test, index, evidence, step), step.action);
  append(checks, check_saves(step, output_of(step, evidence.steps[index])));
  return checks;
}

}  // namespace

const std::string& output_of(const Step& step, const Observation& seen) {
  return std::holds_alternative<RunStep>(step.action) ? seen.standard_output : seen.data;
}

std::vector<CheckResult> check_step(const Test& test, std::size_t index, const Evidence& evidence) {
  const Step& step = test.steps.at(index);
  static const Observation missing;
  const Observation& observation = index < evidence.steps.size() ? evidence.steps[index] : missing;
  if (!observation.unresolved.empty())
    return {failing(step_summary(step) + " can be tried", "values for its ${...}", observation.unresolved)};
  if (step.ends != StepEnd::completes) return {check_end(step, observation)};
  if (observation.ending != Ending::completed) {
    return {failing(step_summary(step) + " completes", "the step to complete", ending_text(step, observation))};
  }
  if (!step.background.empty()) return {passing(step_summary(step) + " is begun")};
  const auto* wait = std::get_if<WaitStep>(&step.action);
  const Step* awaited = wait != nullptr ? background_step(test, index, wait->name) : nullptr;
  return check_action(test, index, evidence, awaited != nullptr ? *awaited : step);
}

std::span<const KmsgRecord> dmesg_scope(const Test& test, std::size_t index, const Evidence& evidence) {
  const auto* step = std::get_if<DmesgStep>(&test.steps.at(index).action);
  if (step == nullptr) return {};
  const std::size_t size = evidence.log.size();
  const bool ended = index < evidence.steps.size() && evidence.steps[index].ending != Ending::not_run;
  const std::size_t end = ended ? std::min(evidence.steps[index].log_end, size) : size;
  std::size_t begin = evidence.test_begin;
  if (step->scope == LogScope::step) {
    for (std::size_t i = std::min(index, evidence.steps.size()); i-- > 0;) {
      const bool was_run = evidence.steps[i].ending != Ending::not_run;
      if (was_run && !std::holds_alternative<DmesgStep>(test.steps[i].action)) {
        begin = std::max(begin, evidence.steps[i].log_begin);
        break;
      }
    }
  }
  begin = std::min(begin, end);
  return {evidence.log.data() + begin, end - begin};
}

}  // namespace labctl
