#include "test_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "check/check.hpp"
#include "check/leftovers.hpp"
#include "diagnose/diagnose.hpp"
#include "diagnose/hang.hpp"
#include "guest.hpp"
#include "init_faults.hpp"
#include "leak_search.hpp"
#include "load_refusal.hpp"
#include "model/report_kind.hpp"
#include "report_lines.hpp"
#include "runner/plan.hpp"
#include "support/files.hpp"
#include "support/text.hpp"
#include "values/values.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// Whether the machine was still there after the step.
bool answers(const Observation& seen) {
  return seen.ending == Ending::completed || seen.ending == Ending::killed;
}

bool all_passed(const std::vector<CheckResult>& checks) {
  return std::all_of(checks.begin(), checks.end(), [](const CheckResult& check) { return check.passed; });
}

void append(std::vector<KmsgRecord>& log, std::vector<KmsgRecord> more) {
  log.insert(log.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Whether the kernel went down as it was told to. What else ended it, it said instead (kernel_restart() in
// kernel/reboot.c).
bool restarted(std::span<const KmsgRecord> log) {
  return std::any_of(log.begin(), log.end(), [](const KmsgRecord& record) {
    return record.facility == 0 && record.text.starts_with("reboot: Restarting system");
  });
}

// How long a step may take, the time that it takes on purpose included.
std::chrono::milliseconds limit_of(const Step& step, const Limits& limits) {
  auto limit = step.limit.value_or(limits.step);
  if (const auto* sleep = std::get_if<SleepStep>(&step.action)) limit += sleep->time;
  if (const auto* poll = std::get_if<PollStep>(&step.action)) limit += poll->timeout;
  return limit;
}

Observation observe_build(const BuildStep& step, const std::vector<BuildResult>& builds, std::size_t log_size) {
  Observation seen;
  seen.ending = Ending::completed;
  seen.log_begin = seen.log_end = log_size;
  const auto build = std::find_if(builds.begin(), builds.end(),
                                  [&step](const BuildResult& made) { return made.module == step.module; });
  if (build != builds.end()) seen.build = *build;
  return seen;
}

// Whether what the kernel shows of itself may differ after such a step, also where no module is loaded.
bool may_change_the_kernel(const Action& action) {
  return !std::holds_alternative<BuildStep>(action) && !std::holds_alternative<ReadStep>(action) &&
         !std::holds_alternative<StatStep>(action) && !std::holds_alternative<ListStep>(action) &&
         !std::holds_alternative<DmesgStep>(action) && !std::holds_alternative<SleepStep>(action) &&
         !std::holds_alternative<ElapsedStep>(action);
}

// One test's steps in one guest, in order, until one fails for good.
class Steps {
 public:
  // test: its steps are resolved as they are done.
  Steps(Test& test, const TestMachine& given, Guest& guest, Evidence& evidence, const Limits& limits, StopToken stop)
      : test_(test),
        builds_(given.builds),
        kernel_(given.kernel),
        guest_(guest),
        evidence_(evidence),
        limits_(limits),
        values_(make_values(test.values, given.seed)),
        looks_for_leftovers_(must_leave_nothing(test, given.kernel.identity.flavour)),
        looks_for_leaks_(given.kmemleak),
        stop_(stop) {}

  // The evidence has an observation for each step afterwards.
  Status run() {
    if (auto ready = ready_allocations(); !ready) return ready;
    for (std::size_t index = 0; index < test_.steps.size(); ++index) {
      evidence_.steps.emplace_back();
      if (!resolve_step(index)) break;
      if (auto looked = look_before(index); !looked) return looked;
      if (auto done = perform_until_it_passes(index); !done) return done;
      explain_refusal(index);
      if (!ended_as_expected(test_.steps[index], evidence_.steps[index])) break;
      save_values(index);
      if (!test_.steps[index].continue_on_failure && !passes(index)) break;
    }
    // A test whose every step went well passes only if the guest outlives it.
    if (evidence_.steps.size() == test_.steps.size() && answers(evidence_.steps.back())) {
      auto ending = outlive();
      take_log();
      if (!ending) return fail(ending.error());
      if (*ending != Ending::completed) evidence_.steps.back().ending = *ending;
      if (auto asked = ask_where(evidence_.steps.back()); !asked) return asked;
      evidence_.steps.back().log_end = evidence_.log.size();
    }
    evidence_.steps.resize(test_.steps.size());
    return {};
  }

 private:
  // Before anything of a module's is in this boot's kernel.
  Status ready_allocations() {
    const bool asked_for = std::any_of(test_.steps.begin(), test_.steps.end(), [](const Step& step) {
      const auto* load = std::get_if<LoadStep>(&step.action);
      return load != nullptr && load->failing_allocation != 0;
    });
    return asked_for ? guest_.session().let_allocations_fail() : Status();
  }

  // The kernel as it is before the first module of this boot is loaded. Where nothing has been done to it, that is how
  // it was after its boot, which is known.
  Status look_before(std::size_t index) {
    const Action& action = test_.steps[index].action;
    if (!looks_for_leftovers_ || before_) return {};
    if (!std::holds_alternative<LoadStep>(action)) {
      changed_ = changed_ || may_change_the_kernel(action);
      return {};
    }
    before_ = guest_.session().first_survey();
    if (!changed_) return {};
    auto ending = guest_.session().survey(*before_);
    if (!ending) return fail(ending.error());
    if (*ending != Ending::completed) {
      before_.reset();
      evidence_.notes.push_back(
          "not known whether anything was left behind: before its modules were loaded the kernel "
          "did not show what it had");
    }
    return {};
  }

  // After the last step: how the guest is when what the steps set off has had time to happen.
  Result<Ending> outlive() {
    const auto began = std::chrono::steady_clock::now();
    auto ending = look_after();
    if (!ending || *ending != Ending::completed) return ending;
    if (looks_for_leaks_ && evidence_.surveys) {
      ending = find_leaks(guest_.session(), evidence_.steps.back().at, limits_, evidence_);
      if (!ending || *ending != Ending::completed) return ending;
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    return guest_.session().settle(std::max(limits_.settle - took, std::chrono::milliseconds(0)));
  }

  // Looks at the kernel again and again, until nothing is left behind or what is has had the time to go.
  Result<Ending> look_after() {
    const auto deadline = std::chrono::steady_clock::now() + limits_.leftovers;
    if (!before_) return Ending::completed;
    for (int looks = 1;; ++looks) {
      Survey after;
      auto ending = guest_.session().survey(after);
      if (!ending || *ending != Ending::completed || has_modules(after)) return ending;
      evidence_.surveys = Surveys{*before_, std::move(after)};
      if (!why_leftovers_are_unknown(*evidence_.surveys).empty()) return ending;
      if (find_leftovers(*before_, evidence_.surveys->after, test_.allowed_leftovers).empty()) return ending;
      if (looks >= least_looks && std::chrono::steady_clock::now() >= deadline) return ending;
      if (stop_.requested_within(between_tries)) return fail(Fault::interrupted, "interrupted");
    }
  }

  bool resolve_step(std::size_t index) {
    Step& step = test_.steps[index];
    if (step.round > 0) values_["round"] = std::to_string(step.round);
    auto resolved = resolve(step, values_);
    if (resolved) {
      step = std::move(*resolved);
      return true;
    }
    Observation& seen = evidence_.steps[index];
    seen.ending = Ending::completed;
    seen.unresolved = resolved.error().message;
    seen.log_begin = seen.log_end = evidence_.log.size();
    return false;
  }

  bool passes(std::size_t index) const { return all_passed(check_step(test_, index, evidence_)); }

  Status perform_until_it_passes(std::size_t index) {
    const Step& step = test_.steps[index];
    std::chrono::microseconds mark{0};
    if (!step.mark.empty()) {
      auto looked = guest_.session().look_at_clock();
      take_log();
      if (!looked) return fail(looked.error());
      mark = looked->at;
      evidence_.steps[index] = std::move(*looked);
      if (!answers(evidence_.steps[index])) return ask_where(evidence_.steps[index]);
    }
    const auto deadline = std::chrono::steady_clock::now() + step.within.value_or(std::chrono::milliseconds(0));
    const auto share = guest_.session().share_begins();
    const std::size_t log_begin = guest_.session().log().size();
    while (true) {
      if (auto done = perform(index); !done) return done;
      evidence_.steps[index].log_begin = log_begin;
      evidence_.steps[index].mark = mark;
      if (!step.within || !answers(evidence_.steps[index]) || passes(index)) return {};
      if (std::chrono::steady_clock::now() >= deadline) return guest_.session().had_the_host(share);
      if (stop_.requested_within(between_tries)) return fail(Fault::interrupted, "interrupted");
    }
  }

  Status perform(std::size_t index) {
    const Step& step = test_.steps[index];
    const auto* dmesg = std::get_if<DmesgStep>(&step.action);
    // What a dmesg step looks at begins here and grows with the log while it waits.
    evidence_.steps[index] = {};
    const std::size_t begin = evidence_.log.size() - dmesg_scope(test_, index, evidence_).size();
    const auto log_done = [&](const std::vector<KmsgRecord>& log) {
      return dmesg == nullptr || dmesg_satisfied(*dmesg, std::span(log).subspan(begin));
    };
    if (const auto* build = std::get_if<BuildStep>(&step.action)) {
      evidence_.steps[index] = observe_build(*build, builds_, evidence_.log.size());
      return {};
    }
    auto observed = guest_.session().perform(step, limit_of(step, limits_), log_done);
    take_log();
    if (!observed) return fail(observed.error());
    evidence_.steps[index] = std::move(*observed);
    if (auto asked = ask_where(evidence_.steps[index]); !asked) return asked;
    if (std::holds_alternative<RebootStep>(step.action)) return boot_again(index);
    return {};
  }

  // A guest whose agent cannot tell where it hangs is interrupted, and its last words tell.
  Status ask_where(Observation& seen) {
    if (seen.ending != Ending::timed_out || seen.hang) return {};
    seen.hang.emplace();
    return guest_.session().interrupt();
  }

  // The second half of a reboot: the machine is down, or should be.
  Status boot_again(std::size_t index) {
    Observation& seen = evidence_.steps[index];
    if (seen.ending != Ending::guest_ended) return {};
    append(evidence_.log, guest_.last_words(evidence_.log));
    seen.log_end = evidence_.log.size();
    if (!restarted(std::span(evidence_.log).subspan(seen.log_begin))) return {};
    // The agent resets the machine too, when it cannot go on; then nothing is known of the reboot that was asked for.
    if (guest_.console_tail(1 << 16).find("labctl agent: ") != std::string::npos) return {};
    seen.ending = Ending::completed;
    seen.rebooted = true;
    before_.reset();
    changed_ = false;
    auto booted = guest_.boot_again(evidence_.log);
    return booted ? ready_allocations() : booted;
  }

  // Of a load that should have gone otherwise: what is expected needs no explanation, and takes no time.
  void explain_refusal(std::size_t index) {
    const auto* load = std::get_if<LoadStep>(&test_.steps[index].action);
    Observation& seen = evidence_.steps[index];
    if (load == nullptr || seen.ending != Ending::completed || seen.error_number == load->expect_errno) return;
    if (passes(index)) return;
    seen.refusal = load_refusal(kernel_, builds_, load->module, seen, evidence_);
  }

  void take_log() {
    evidence_.log = guest_.session().log();
    evidence_.log_cut = evidence_.log_cut || guest_.session().log_cut();
  }

  void save_values(std::size_t index) {
    const Step* step = &test_.steps[index];
    if (!step->background.empty()) return;
    if (const auto* wait = std::get_if<WaitStep>(&step->action)) step = background_step(test_, index, wait->name);
    if (step == nullptr) return;
    for (const Save& save : step->save)
      if (auto value = saved_value(save, output_of(*step, evidence_.steps[index]))) values_[save.name] = *value;
  }

  // Nothing tells when a file's content changes; so often is soon enough for people, and little work for the guest.
  static constexpr std::chrono::milliseconds between_tries{20};
  // On a host so busy that the guest hardly runs, time alone says nothing.
  static constexpr int least_looks = 5;

  Test& test_;
  const std::vector<BuildResult>& builds_;
  const Kernel& kernel_;
  Guest& guest_;
  Evidence& evidence_;
  const Limits& limits_;
  Values values_;
  bool looks_for_leftovers_;
  bool looks_for_leaks_;          // too
  bool changed_ = false;          // since the guest's boot, by steps
  std::optional<Survey> before_;  // this boot's first module; nothing: none has been loaded
  StopToken stop_;
};

// What a guest says of where it hangs does not belong to what happened in the test.
void add_last_words(Evidence& evidence, std::vector<KmsgRecord> words) {
  for (Observation& seen : evidence.steps) {
    if (!seen.hang) continue;
    std::vector<KmsgRecord>& said = seen.hang->said;
    if (!said.empty())
      std::erase_if(words,
                    [last = said.back().timestamp_us](const KmsgRecord& word) { return word.timestamp_us <= last; });
    if (!seen.hang->tasks.empty()) continue;
    const auto answer = words.begin() + static_cast<std::ptrdiff_t>(interrupt_begin(words));
    said.insert(said.end(), answer, words.end());
    words.erase(answer, words.end());
  }
  append(evidence.log, std::move(words));
}

// Where steps hung, unless another report leads to the same line.
void add_hangs(std::vector<KernelReport>& reports, const Evidence& evidence, const CodeBuilds& builds) {
  const auto is_known = [&reports](const KernelReport& hang) {
    const SourceLine* line = own_line(hang.trace);
    return line != nullptr && std::any_of(reports.begin(), reports.end(), [line](const KernelReport& report) {
             const SourceLine* other = own_line(report.trace);
             return other != nullptr && other->file == line->file && other->line == line->line;
           });
  };
  for (const Observation& seen : evidence.steps) {
    if (seen.ending != Ending::timed_out || !seen.hang) continue;
    auto hangs = find_hangs(*seen.hang);
    // A program that waits for something else is no matter of the module's.
    if (seen.program_timed_out) std::erase_if(hangs, [](const KernelReport& hang) { return !is_in_module(hang); });
    for (KernelReport& hang : hangs)
      hang.log_begin = hang.log_end = seen.log_end;
    find_lines(hangs, evidence.steps, builds);
    for (KernelReport& hang : hangs) {
      if (is_known(hang)) continue;
      reports.push_back(std::move(hang));
    }
  }
}

TestResult infrastructure_error(const Test& test, const Error& error) {
  TestResult result;
  result.status = TestStatus::infrastructure_error;
  result.name = test.name;
  result.points = test.points;
  result.where = test.where;
  result.message = error.hint.empty() ? error.message : error.message + "\n" + error.hint;
  return result;
}

}  // namespace

TestResult judge_builds(const Test& test, const std::vector<BuildResult>& builds) {
  Evidence evidence;
  for (const auto& step : test.steps)
    evidence.steps.push_back(observe_build(std::get<BuildStep>(step.action), builds, 0));
  return judge_test(test, evidence, {});
}

Result<TestResult> run_test(const Test& test, const TestMachine& given, Result<Guest> guest, const Limits& limits,
                            StopToken stop) {
  const fs::path& folder = given.spec.folder;
  const auto began = std::chrono::steady_clock::now();
  const auto finished = [&](TestResult result) {
    result.folder = folder;
    result.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    if (guest) result.took += guest->start_took();
    return result;
  };

  if (guest)
    if (auto begun = guest->begin(); !begun) guest = fail(begun.error());
  if (!guest && guest.error().fault == Fault::interrupted) return fail(guest.error());
  if (!guest) return finished(infrastructure_error(test, guest.error()));

  Evidence evidence;
  evidence.log = guest->session().log();
  evidence.test_begin = evidence.log.size();
  Test done_test = counting_allocations(test);
  const Status done = Steps(done_test, given, *guest, evidence, limits, stop).run();
  if (!done && done.error().fault == Fault::interrupted) return fail(done.error());
  if (!done) return finished(infrastructure_error(test, done.error()));

  const bool died = std::any_of(evidence.steps.begin(), evidence.steps.end(), [](const Observation& seen) {
    return seen.ending != Ending::completed && seen.ending != Ending::not_run;
  });
  guest->stop();
  if (died) {
    evidence.console_tail = guest->console_tail(1 << 16);
    add_last_words(evidence, guest->last_words(evidence.log));
  }
  auto reports = find_reports(evidence.log, evidence.test_begin, evidence.log.size());
  drop_injected(reports, done_test, evidence);
  if (const auto line = lockdep_gave_up(evidence.log, evidence.test_begin, evidence.log.size()); !line.empty())
    evidence.notes.push_back("not known whether locks were misused: lockdep gave up, \"" + line + "\"");
  const CodeBuilds builds{given.builds, given.kernel.symbols()};
  find_lines(reports, evidence.steps, builds);
  add_hangs(reports, evidence, builds);
  find_lines(evidence.leaks, evidence.steps, builds);
  TestResult result = judge_test(done_test, evidence, reports);
  result.counted_loads = counted_loads(done_test, evidence);
  for (CountedLoad& load : result.counted_loads)
    find_lines(load.trace, builds);
  // The last of the console is then what the guest was asked, and it has been told.
  const bool hang_is_told = result.status == TestStatus::timeout &&
                            std::any_of(result.reports.begin(), result.reports.end(),
                                        [](const KernelReport& report) { return is_hang(report.kind); });
  if (died && !hang_is_told) result.console_tail = last_lines(evidence.console_tail, 20);
  if (auto written = write_file(folder / "kernel.log", guest->whole_log(evidence.log)); !written)
    return finished(infrastructure_error(test, written.error()));
  return finished(std::move(result));
}

}  // namespace labctl
