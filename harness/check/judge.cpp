#include <fmt/format.h>

#include <algorithm>

#include "check/check.hpp"
#include "check/leftovers.hpp"
#include "model/report_kind.hpp"
#include "report_check.hpp"
#include "step_ending.hpp"
#include "support/text.hpp"
#include "text_check.hpp"

namespace labctl {
namespace {

constexpr std::size_t max_step_records = 200;
constexpr std::size_t max_excerpt_lines = 40;
constexpr std::size_t lines_before = 3;         // of the log, shown before a report
constexpr std::size_t lines_up_to = 20;         // of the log, shown up to the end of a failed step
constexpr std::size_t max_excerpt_bytes = 500;  // of one record
// Nobody else in the guest prints: what pushed records out of the kernel's buffer is the module's own.
constexpr const char* lost_records =
    "more was printed at once than the kernel's log holds, so it is not known what else the kernel said; "
    "console.log in the run folder has its warnings";

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

// The kernel's records among log[begin, end). Of too many, the first and the last half: a flood has its cause at one
// of its ends. Gaps show in the sequence numbers.
std::vector<KmsgRecord> step_log(const std::vector<KmsgRecord>& log, std::size_t begin, std::size_t end) {
  std::vector<std::size_t> indexes;
  for (std::size_t i = begin; i < std::min(end, log.size()); ++i) {
    if (log[i].facility == 0) indexes.push_back(i);
  }
  if (indexes.size() > max_step_records) {
    const auto half = static_cast<std::ptrdiff_t>(max_step_records / 2);
    indexes.erase(indexes.begin() + half, indexes.end() - half);
  }
  std::vector<KmsgRecord> records;
  records.reserve(indexes.size());
  for (const std::size_t i : indexes)
    records.push_back(log[i]);
  return records;
}

class Judge {
 public:
  Judge(const Test& test, const Evidence& evidence, const std::vector<KernelReport>& reports)
      : test_(test), evidence_(evidence) {
    result_.name = test.name;
    result_.points = test.points;
    result_.hint = test.hint;
    result_.hidden = test.hidden;
    result_.where = test.where;
    result_.reports = reports;
    result_.report_checks = check_reports(test.reports, result_.reports);
    const bool may_hang =
        std::any_of(test.steps.begin(), test.steps.end(), [](const Step& step) { return step.ends == StepEnd::hangs; });
    for (KernelReport& report : result_.reports)
      report.expected = report.expected || (may_hang && is_hang(report.kind));
  }

  TestResult run() {
    judge_steps();
    judge_leftovers();
    decide();
    result_.earned = earned();
    if (result_.status != TestStatus::passed) result_.log_excerpt = excerpt();
    return std::move(result_);
  }

 private:
  const Observation* observation(std::size_t index) const {
    return index < evidence_.steps.size() ? &evidence_.steps[index] : nullptr;
  }

  Ending ending(std::size_t index) const {
    const Observation* seen = observation(index);
    return seen != nullptr ? seen->ending : Ending::not_run;
  }

  void judge_steps() {
    bool over = false;
    for (std::size_t i = 0; i < test_.steps.size(); ++i) {
      StepResult step;
      step.summary = step_summary(test_.steps[i]);
      step.points = test_.steps[i].points;
      step.where = test_.steps[i].where;
      if (!over && ending(i) != Ending::not_run) {
        step.checks = check_step(test_, i, evidence_);
        const bool ok = !step.checks.empty() && std::all_of(step.checks.begin(), step.checks.end(),
                                                            [](const CheckResult& check) { return check.passed; });
        step.status = ok ? StepStatus::passed : StepStatus::failed;
        step.took = evidence_.steps[i].took;
        step.log = step_log(evidence_.log, std::max(evidence_.steps[i].log_begin, evidence_.test_begin),
                            evidence_.steps[i].log_end);
        over = !ok && !test_.steps[i].continue_on_failure;
      }
      result_.steps.push_back(std::move(step));
    }
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> notes = evidence_.notes;
    if (evidence_.surveys)
      if (auto why = why_leftovers_are_unknown(*evidence_.surveys); !why.empty()) notes.push_back(std::move(why));
    return notes;
  }

  // What modules left behind is a failed check of the last step that was to load or unload one.
  void judge_leftovers() {
    result_.note = join(notes(), "; ");
    if (!evidence_.surveys) return;
    const bool known = why_leftovers_are_unknown(*evidence_.surveys).empty();
    if (known)
      result_.leftovers = find_leftovers(evidence_.surveys->before, evidence_.surveys->after, test_.allowed_leftovers);
    for (Leftover& leak : leaks_as_leftovers(evidence_.leaks, test_.allowed_leftovers))
      result_.leftovers.push_back(std::move(leak));
    const bool cut = known && evidence_.surveys->after.cut;
    if (!known && result_.leftovers.empty()) return;
    for (std::size_t i = test_.steps.size(); i-- > 0;) {
      const Action& action = test_.steps[i].action;
      if (!std::holds_alternative<UnloadStep>(action) && !std::holds_alternative<LoadStep>(action)) continue;
      StepResult& step = result_.steps[i];
      step.checks.push_back(leftover_check(result_.leftovers, cut));
      if (!step.checks.back().passed) step.status = StepStatus::failed;
      return;
    }
  }

  // The first step whose ending is one of these, and not the one that it expects.
  std::optional<std::size_t> ended(std::initializer_list<Ending> endings) const {
    for (std::size_t i = 0; i < test_.steps.size(); ++i) {
      const Observation* seen = observation(i);
      if (seen != nullptr && ended_as_expected(test_.steps[i], *seen)) continue;
      if (std::find(endings.begin(), endings.end(), ending(i)) != endings.end()) return i;
    }
    return std::nullopt;
  }

  std::optional<std::size_t> with_status(StepStatus status) const {
    for (std::size_t i = 0; i < result_.steps.size(); ++i) {
      if (result_.steps[i].status == status) return i;
    }
    return std::nullopt;
  }

  // The first step that ran out of time, or whose program did.
  std::optional<std::size_t> timed_out() const {
    for (std::size_t i = 0; i < test_.steps.size(); ++i) {
      const Observation* seen = observation(i);
      if (seen == nullptr || (test_.steps[i].ends != StepEnd::completes && ended_as_expected(test_.steps[i], *seen)))
        continue;
      const bool run = std::holds_alternative<RunStep>(test_.steps[i].action);
      if (seen->ending == Ending::timed_out || (run && seen->ending == Ending::completed && seen->program_timed_out)) {
        return i;
      }
    }
    return std::nullopt;
  }

  std::string step_name(std::size_t index) const {
    return fmt::format("step {}, {}", index + 1, one_line(result_.steps[index].summary, 160));
  }

  std::string ending_message(std::size_t index) const {
    return step_name(index) + ": " + ending_text(test_.steps[index], *observation(index));
  }

  // "step 2, read /proc/counter: expected "2", saw "1"": its first failed check.
  std::string check_message(std::size_t index) const {
    const auto& checks = result_.steps[index].checks;
    const auto failed =
        std::find_if(checks.begin(), checks.end(), [](const CheckResult& check) { return !check.passed; });
    if (failed == checks.end()) return step_name(index) + ": failed";
    return fmt::format("{}: expected {}, saw {}", step_name(index), first_line(failed->expected),
                       first_line(failed->seen));
  }

  // A fault that the test is not about. Where a step hangs is said of what is no fault of its own.
  static bool is_unexpected(const KernelReport& report) { return !report.expected && !is_hang(report.kind); }

  // The first one.
  const KernelReport* unexpected() const {
    const auto found = std::find_if(result_.reports.begin(), result_.reports.end(), is_unexpected);
    return found == result_.reports.end() ? nullptr : &*found;
  }

  // "; insmod/61 waits in keep_init() for keep_lock, which keeper/62 holds": where the steps that hung did.
  std::string where_it_hangs() const {
    const auto hang = std::find_if(result_.reports.begin(), result_.reports.end(),
                                   [](const KernelReport& report) { return is_hang(report.kind); });
    return hang == result_.reports.end() ? "" : "; " + one_line(hang->title, 200);
  }

  std::string report_message(const KernelReport& report) const {
    std::string message = fmt::format("the kernel reported \"{}\"", one_line(report.title, 200));
    for (std::size_t i = 0; i < test_.steps.size(); ++i) {
      const Observation* seen = observation(i);
      if (seen != nullptr && seen->ending != Ending::not_run && report.log_begin >= seen->log_begin &&
          report.log_begin < seen->log_end) {
        message += " during " + step_name(i);
        break;
      }
    }
    const auto more = std::count_if(result_.reports.begin(), result_.reports.end(), is_unexpected) - 1;
    if (more > 0) message += fmt::format(" (and {} more)", more);
    return message;
  }

  const CheckResult* absent_report() const {
    const auto& checks = result_.report_checks;
    const auto found =
        std::find_if(checks.begin(), checks.end(), [](const CheckResult& check) { return !check.passed; });
    return found == checks.end() ? nullptr : &*found;
  }

  void verdict(TestStatus status, std::string message, std::optional<std::size_t> step = std::nullopt) {
    result_.status = status;
    result_.message = std::move(message);
    failed_step_ = step;
  }

  void decide() {
    if (test_.steps.empty()) {
      verdict(TestStatus::not_run, "the test has no steps");
    } else if (const auto step = ended({Ending::tampered})) {
      verdict(TestStatus::tampered, ending_message(*step), step);
    } else if (const KernelReport* report = unexpected()) {
      verdict(TestStatus::crashed, report_message(*report));
    } else if (const auto dead = ended({Ending::killed, Ending::guest_ended, Ending::flooded})) {
      verdict(TestStatus::crashed, ending_message(*dead), dead);
    } else if (const auto late = timed_out()) {
      const bool whole_step = ending(*late) == Ending::timed_out;
      verdict(TestStatus::timeout, (whole_step ? ending_message(*late) : check_message(*late)) + where_it_hangs(),
              late);
    } else if (const auto failed = with_status(StepStatus::failed)) {
      verdict(TestStatus::failed, check_message(*failed), failed);
    } else if (const CheckResult* absent = absent_report()) {
      verdict(TestStatus::failed, fmt::format("expected {}, saw {}", absent->expected, first_line(absent->seen)));
    } else if (evidence_.log_cut) {
      verdict(TestStatus::failed, lost_records);
    } else if (const auto missing = with_status(StepStatus::not_run)) {
      verdict(TestStatus::infrastructure_error, step_name(*missing) + ": was not run although nothing failed before it",
              missing);
    } else {
      verdict(TestStatus::passed, "");
    }
  }

  // All of a passed test's points; of another's, those of its steps that passed, if it keeps them.
  int earned() const {
    if (result_.status == TestStatus::passed) return result_.points.value_or(0);
    if (!keeps_step_points(result_.status)) return 0;
    int sum = 0;
    for (const StepResult& step : result_.steps)
      if (step.status == StepStatus::passed) sum += step.points.value_or(0);
    return sum;
  }

  // The kernel log around the failure, as dmesg prints it.
  std::vector<std::string> excerpt() const {
    const auto& log = evidence_.log;
    const std::size_t first = std::min(evidence_.test_begin, log.size());
    std::size_t begin = first;
    std::size_t end = log.size();
    const auto in_log = std::find_if(result_.reports.begin(), result_.reports.end(),
                                     [](const KernelReport& report) { return report.log_begin < report.log_end; });
    if (in_log != result_.reports.end()) {
      const KernelReport* other = unexpected();
      const KernelReport& report = other != nullptr ? *other : *in_log;
      end = std::min(report.log_end, log.size());
      begin = std::max(first, report.log_begin > lines_before ? report.log_begin - lines_before : 0);
    } else {
      const Observation* seen = failed_step_ ? observation(*failed_step_) : nullptr;
      if (seen != nullptr && seen->ending == Ending::completed) end = std::min(seen->log_end, log.size());
      begin = std::max(first, end > lines_up_to ? end - lines_up_to : 0);
    }
    std::vector<std::string> lines;
    for (std::size_t i = begin; i < end && lines.size() < max_excerpt_lines; ++i) {
      if (log[i].facility != 0) continue;
      KmsgRecord record = log[i];
      if (record.text.size() > max_excerpt_bytes) {
        record.text.resize(max_excerpt_bytes);
        record.text += "...";
      }
      const std::string text = format_record(record);
      for (const std::string_view line : split_lines(text))
        lines.emplace_back(line);
    }
    if (lines.size() > max_excerpt_lines) lines.resize(max_excerpt_lines);
    return lines;
  }

  const Test& test_;
  const Evidence& evidence_;
  TestResult result_;
  std::optional<std::size_t> failed_step_;
};

}  // namespace

TestResult judge_test(const Test& test, const Evidence& evidence, const std::vector<KernelReport>& reports) {
  return Judge(test, evidence, reports).run();
}

}  // namespace labctl
