#include "test_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "check/check.hpp"
#include "diagnose/diagnose.hpp"
#include "guest/session.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

bool all_passed(const std::vector<CheckResult>& checks) {
  return std::all_of(checks.begin(), checks.end(), [](const CheckResult& check) { return check.passed; });
}

// Whether the rest of the test can still be asked of this machine.
bool machine_usable(Ending ending) {
  return ending == Ending::completed;
}

// When the guest died its agent could not send the last records; the console has them.
void add_console_records(Evidence& evidence, const std::string& console) {
  const std::uint64_t last = evidence.log.empty() ? 0 : evidence.log.back().timestamp_us;
  for (auto& record : records_from_console(console))
    if (record.timestamp_us > last) evidence.log.push_back(std::move(record));
}

std::string log_text(const std::vector<KmsgRecord>& log) {
  std::string text;
  for (const auto& record : log)
    text += format_record(record) + "\n";
  return text;
}

// Does the steps in order, until one fails for good. The evidence has an observation for each step.
Status do_steps(const Test& test, Session& session, Evidence& evidence, const Limits& limits) {
  for (std::size_t index = 0; index < test.steps.size(); ++index) {
    const Step& step = test.steps[index];
    const auto* dmesg = std::get_if<DmesgStep>(&step.action);
    // What a dmesg step looks at begins here and grows with the log while it waits.
    const std::size_t begin = evidence.log.size() - dmesg_scope(test, index, evidence).size();
    const auto log_done = [&](const std::vector<KmsgRecord>& log) {
      return dmesg == nullptr || dmesg_satisfied(*dmesg, std::span(log).subspan(begin));
    };
    evidence.steps.emplace_back();
    auto& seen = evidence.steps.back();
    auto observed = session.perform(step.action, step.limit.value_or(limits.step), log_done);
    evidence.log = session.log();
    evidence.log_cut = session.log_cut();
    if (!observed) return fail(observed.error());
    seen = std::move(*observed);
    if (!machine_usable(seen.ending)) break;
    if (!step.continue_on_failure && !all_passed(check_step(test, index, evidence))) break;
  }
  // A test whose every step went well passes only if the guest outlives it.
  if (evidence.steps.size() == test.steps.size() && machine_usable(evidence.steps.back().ending)) {
    auto ending = session.settle(limits.settle);
    evidence.log = session.log();
    evidence.log_cut = session.log_cut();
    if (!ending) return fail(ending.error());
    evidence.steps.back().ending = *ending;
    evidence.steps.back().log_end = evidence.log.size();
  }
  evidence.steps.resize(test.steps.size());
  return {};
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

struct Guest {
  std::unique_ptr<Machine> machine;
  std::unique_ptr<Session> session;  // after the machine: it goes first
};

Result<Guest> start_guest(const TestMachine& given, const MachineSpec& spec, Limits limits, StopToken stop) {
  if (spec.snapshot.use == Snapshot::Use::restore) limits.boot = limits.restore;
  auto machine = given.driver.start(spec);
  if (!machine) return fail(machine.error());
  Guest guest{std::move(*machine), nullptr};
  guest.session = std::make_unique<Session>(*guest.machine, limits, stop);
  if (auto ready = guest.session->wait_ready(); !ready) return fail(ready.error());
  if (auto begun = guest.session->begin(given.seed, given.files); !begun) return fail(begun.error());
  return guest;
}

}  // namespace

Result<TestResult> run_test(const Test& test, const TestMachine& given, const Limits& limits, StopToken stop) {
  const fs::path& folder = given.spec.folder;
  const auto began = std::chrono::steady_clock::now();
  const auto finished = [&](TestResult result) {
    result.folder = folder;
    result.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    return result;
  };

  auto guest = start_guest(given, given.spec, limits, stop);
  if (!guest && given.spec.snapshot.use == Snapshot::Use::restore && guest.error().fault != Fault::interrupted) {
    // Nothing of the module has run yet, so this is no verdict.
    given.on_bad_snapshot(guest.error());
    MachineSpec booted = given.spec;
    booted.snapshot = {};
    guest = start_guest(given, booted, limits, stop);
  }
  if (!guest && guest.error().fault == Fault::interrupted) return fail(guest.error());
  if (!guest) return finished(infrastructure_error(test, guest.error()));
  Machine& machine = *guest->machine;
  Session& session = *guest->session;

  Evidence evidence;
  evidence.log = session.log();
  evidence.test_begin = evidence.log.size();
  const Status done = do_steps(test, session, evidence, limits);
  if (!done && done.error().fault == Fault::interrupted) return fail(done.error());
  if (!done) return finished(infrastructure_error(test, done.error()));

  const bool died = std::any_of(evidence.steps.begin(), evidence.steps.end(), [](const Observation& seen) {
    return seen.ending != Ending::completed && seen.ending != Ending::not_run;
  });
  machine.stop();
  machine.wait_end(std::chrono::seconds(10));
  if (died) {
    evidence.console_tail = machine.console_tail(1 << 16);
    add_console_records(evidence, evidence.console_tail);
  }
  const auto reports = find_reports(evidence.log, evidence.test_begin, evidence.log.size());
  TestResult result = judge_test(test, evidence, reports);
  if (died) result.console_tail = last_lines(evidence.console_tail, 20);
  if (auto written = write_file(folder / "kernel.log", log_text(evidence.log)); !written)
    return finished(infrastructure_error(test, written.error()));
  return finished(std::move(result));
}

}  // namespace labctl
