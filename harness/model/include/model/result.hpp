// What was found out. check/ and runner/ make these, report/ turns them into text.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/build_result.hpp"
#include "model/kernel_report.hpp"
#include "model/lab.hpp"
#include "model/observation.hpp"

namespace labctl {

// One expectation, judged.
struct CheckResult {
  bool passed = false;
  std::string what;      // the expectation as a sentence: "stdout contains \"42\""
  std::string expected;  // filled when it failed: one line, or several for long text
  std::string seen;      // filled when it failed
};

enum class StepStatus { passed, failed, not_run };

struct StepResult {
  StepStatus status = StepStatus::not_run;
  std::string summary;        // step_summary()
  std::optional<int> points;  // what passing it earns
  SourceLocation where;
  std::vector<CheckResult> checks;
  std::vector<KmsgRecord> log;  // the kernel log while the step ran (bounded by the runner)
  std::chrono::microseconds took{0};
};

// The names are those of the JSON report; grading builds on them.
enum class TestStatus {
  passed,
  failed,        // an expectation did not hold
  build_failed,  // the module did not build
  timeout,       // a step did not end within its limit
  crashed,       // the kernel reported a fault, or the machine went down
  tampered,
  not_run,               // a reason is in TestResult::message
  infrastructure_error,  // labctl's or the host's fault; never scored
};

// An allocation of a module's init function that was made to fail.
struct FailedAllocation {
  std::string module;
  int number = 0;     // among those that init makes, in their order, from 1; 0: one that the kernel does not name
  int of = 0;         // how many these are
  std::string place;  // "kmalloc at x.c:42: `p = kmalloc(8, GFP_KERNEL);`"; empty: not known
};

// One of the times that a test is done.
struct TestRun {
  int number = 0;         // from 1, in the order of flavours and then of CPUs; 0: the test was not done
  std::string flavour;    // of the kernel
  int cpus = 0;           // of the machine; 0: it needs none
  bool kmemleak = false;  // whether its kernel keeps account of memory
  // It was the run of this number again, up to the load that makes this allocation, which failed.
  std::optional<FailedAllocation> failed_allocation = {};
};

// What became of a load whose allocations were counted.
struct CountedLoad {
  std::size_t step = 0;                // its place among the test's steps
  std::uint32_t allocations = 0;       // that it made, if none was to fail
  bool failed = false;                 // the one that was to fail did
  int error_number = 0;                // of the load
  std::vector<StackFrame> trace = {};  // of the one that failed; empty: the kernel did not say
};

struct TestRunResult {
  TestRun run;
  TestStatus status = TestStatus::not_run;
  std::string message;           // one line: why it did not pass ("" when it passed)
  std::filesystem::path folder;  // its part of the run folder
  std::chrono::milliseconds took{0};
};

// What a debug kernel made of a test that crashed or hung in a release kernel. It does not change the verdict.
struct DebugRun {
  std::string missing;  // why it was not done, and what to do about it; empty: it was
  TestStatus status = TestStatus::not_run;
  std::string message;
  std::vector<KernelReport> reports;
  std::filesystem::path folder;
};

// Of a test that is done several times: what its first run that did not pass gave, or its first.
struct TestResult {
  TestStatus status = TestStatus::not_run;
  std::string name;
  std::optional<int> points;
  int earned = 0;  // of points; 0 also where nothing could be judged
  std::string hint;
  bool hidden = false;  // what it checks is not for students
  std::string message;  // one line: why it did not pass ("" when it passed)
  // One line on what was not looked at, or on all its runs, where there were several: "failed 3 of 50 runs; run 7 is
  // shown".
  std::string note;
  TestRun run;                      // what this is the result of
  std::vector<TestRunResult> runs;  // all that were done, in the order of their numbers
  SourceLocation where;
  std::vector<StepResult> steps;
  std::vector<KernelReport> reports;
  std::vector<CheckResult> report_checks;  // one for each report that must come
  std::optional<DebugRun> in_debug;
  std::vector<CountedLoad> counted_loads;  // of a test that has allocations fail
  std::vector<Leftover> leftovers;         // what its modules left behind and may not; a check of a step says so too
  std::vector<std::string> log_excerpt;    // formatted kernel log lines around the failure (bounded)
  std::string console_tail;                // last console lines, when the machine died or hung
  std::chrono::milliseconds took{0};       // all its runs together
  std::filesystem::path folder;            // the test's part of the run folder
};

struct KernelIdentity {
  std::string name;     // as in kernels.yaml or given to `kernel build`: "5.4"
  std::string release;  // exact: "5.4.302"
  std::string flavour;  // "release" or "debug"
  std::string key;      // the cache key
};

struct LabResult {
  std::string lab;
  std::string title;
  std::vector<KernelIdentity> kernels;  // one for each flavour that its tests are done in
  std::string accelerator;              // "kvm" or "tcg"
  std::vector<BuildResult> builds;
  std::vector<TestResult> tests;
  // Set when the lab could not be judged at all (no kernel, no QEMU, unmet need): then tests are not_run or
  // infrastructure_error.
  std::string error;
  std::string error_hint;
  std::filesystem::path folder;  // the run folder
  std::filesystem::path spec;
  std::chrono::milliseconds took{0};
};

struct RunResult {
  std::string tool_version;
  std::string started;  // RFC 3339, UTC
  std::string seed;     // --seed of it gives the tests the same values again
  std::vector<LabResult> labs;
  std::chrono::milliseconds took{0};  // for all; several labs may be done at once
  bool interrupted = false;
};

std::string_view status_name(TestStatus status);  // "passed", "build-failed", ...
std::optional<TestStatus> status_named(std::string_view name);
// Whether a test that ended so keeps the points of those of its steps that passed. What crashed the kernel, or answered
// in the agent's place, has earned nothing with the steps before.
bool keeps_step_points(TestStatus status);
// The points of tests, added up. What was not judged is neither earned nor lost.
struct Score {
  int earned = 0;
  int possible = 0;
  int not_judged = 0;  // of the possible ones
};
Score score(const LabResult& lab);
// Whether a lab passed: it has tests, and every one passed.
bool passed(const LabResult& lab);
// Whether a verdict is missing for a reason that is not the module's.
bool infrastructure_failed(const LabResult& lab);
// "[    0.812345] modparams: freq out of range", as dmesg prints it.
std::string format_record(const KmsgRecord& record);

}  // namespace labctl
