// Runs as runner/ would hand them over, one for each way a run can end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/result.hpp"

namespace labctl::samples {

using namespace std::chrono_literals;
using namespace std::string_literals;

inline SourceLocation at(int line) {
  return {"labs/modparams/lab.yaml", line, 9};
}

inline KmsgRecord record(std::uint64_t sequence, std::uint64_t timestamp_us, std::string text, int level = 6) {
  return {sequence, level, 0, timestamp_us, "", std::move(text)};
}

inline StepResult passed_step(std::string summary, int line, std::string what) {
  return {StepStatus::passed, std::move(summary), {}, at(line), {{true, std::move(what), "", ""}}, {}, 1200us};
}

inline StepResult failed_step(std::string summary, int line, CheckResult check) {
  return {StepStatus::failed, std::move(summary), {}, at(line), {std::move(check)}, {}, 2300us};
}

inline StepResult skipped_step(std::string summary, int line) {
  return {StepStatus::not_run, std::move(summary), {}, at(line), {}, {}, 0us};
}

inline TestResult passed_test(std::string name, int points, int line) {
  TestResult test;
  test.status = TestStatus::passed;
  test.name = std::move(name);
  test.points = test.earned = points;
  test.where = at(line);
  test.took = 184ms;
  test.folder = "/var/lib/labctl/runs/20260101-120000/modparams/" + std::to_string(line);
  test.steps = {passed_step("load modparams", line + 4, "the load succeeds"),
                passed_step("read /sys/module/modparams/parameters/freq", line + 6, "the text equals \"3\"")};
  return test;
}

inline TestResult ended_test(TestStatus status, std::string name, std::string message, int line) {
  TestResult test = passed_test(std::move(name), 3, line);
  test.status = status;
  test.earned = 0;
  test.message = std::move(message);
  test.steps.clear();
  return test;
}

inline LabResult modparams() {
  LabResult lab;
  lab.lab = "modparams";
  lab.title = "Module parameters";
  lab.kernels = {{"5.4", "5.4.302", "release", "3b1f0c52"}};
  lab.accelerator = "tcg";
  lab.folder = "/var/lib/labctl/runs/20260101-120000/modparams";
  lab.spec = "labs/modparams/lab.yaml";
  lab.took = 1240ms;
  BuildResult build;
  build.module = "modparams";
  build.flavour = "release";
  build.succeeded = build.cached = true;
  build.ko = "/var/cache/labctl/modules/77aa/modparams.ko";
  build.ko_sha256 = std::string(64, 'a');
  lab.builds = {build};
  return lab;
}

inline RunResult run_of(std::vector<LabResult> labs) {
  std::chrono::milliseconds took{0};
  for (const auto& lab : labs)
    took += lab.took;
  return {"0.1.0", "2026-01-01T12:00:00Z", "3f9a5c0d71e2b684", std::move(labs), took, false};
}

inline RunResult all_passed() {
  LabResult lab = modparams();
  lab.tests = {passed_test("loads with its defaults", 2, 9),
               passed_test("lets root change verbose and nothing else", 3, 63)};
  return run_of({lab});
}

inline RunResult failed_expectation() {
  LabResult lab = modparams();
  TestResult range = ended_test(TestStatus::failed, "rejects an out-of-range frequency",
                                "load modparams freq=6: expected EINVAL, seen success", 36);
  range.hint = "Check the parameters first in the init function; print the reason with pr_err() and return -EINVAL.";
  range.steps = {passed_step("load modparams freq=1", 42, "the load succeeds"),
                 failed_step("load modparams freq=6", 52, {false, "the load fails with EINVAL", "EINVAL", "success"}),
                 skipped_step("dmesg has \"modparams: freq out of range: 6\"", 55)};
  range.log_excerpt = {"[    0.812345] modparams: unnamed runs at 1 Hz",
                       "[    0.845012] modparams: unnamed runs at 6 Hz"};

  TestResult modes = ended_test(TestStatus::failed, "lets root change verbose and nothing else",
                                "run sh: stdout differs in line 4", 63);
  modes.steps = {
      passed_step("load modparams", 67, "the load succeeds"),
      failed_step("run sh -c \"stat -c '%n %a' freq label samples verbose\"", 68,
                  {false, "the stdout equals \"freq 444\\nlabel 444\\nsamples 444\\nverbose 644\\n\"",
                   "stdout line 4: \"verbose 644\"\n   2 | label 444\n   3 | samples 444\n   4 | verbose 644",
                   "line 4: \"verbose 600\"\n   2 | label 444\n   3 | samples 444\n   4 | verbose 600"})};
  TestResult leaves = ended_test(TestStatus::failed, "leaves nothing behind",
                                 "step 2, unload modparams: expected nothing left behind, saw modparams", 80);
  leaves.steps = {passed_step("load modparams", 84, "the load succeeds"),
                  failed_step("unload modparams", 85,
                              {false, "nothing is left behind when no module is loaded any more", "nothing left behind",
                               "modparams: an interrupt handler, IRQ 5, which is removed by free_irq()"})};
  leaves.leftovers = {{"irq", "modparams", "IRQ 5"}};
  lab.tests = {passed_test("loads with its defaults", 2, 9), range, modes, leaves};
  return run_of({lab});
}

inline RunResult build_failure() {
  LabResult lab = modparams();
  BuildResult& build = lab.builds[0];
  build = {};
  build.module = "modparams";
  build.flavour = "release";
  build.output =
      "my-modparams/modparams.c:31:9: error: implicit declaration of function 'pr_inf'\n"
      "   31 |         pr_inf(\"loaded\\n\");\n"
      "      |         ^~~~~~\n"
      "      |         pr_info\n"
      "cc1: some warnings being treated as errors\n";
  build.message = "modparams did not build: the compiler reported 1 error";
  build.took = 412ms;
  TestResult first = ended_test(TestStatus::build_failed, "loads with its defaults", "modparams did not build", 9);
  TestResult second = ended_test(TestStatus::build_failed, "takes values of every type", "modparams did not build", 20);
  first.took = second.took = 0ms;
  lab.tests = {first, second};
  return run_of({lab});
}

inline RunResult crash() {
  LabResult lab = modparams();
  lab.kernels[0].flavour = "debug";
  TestResult test =
      ended_test(TestStatus::crashed, "takes at most four samples",
                 "the kernel reported BUG: kernel NULL pointer dereference, address: 0000000000000000", 56);
  test.hint = "The kernel refuses more values than the array has room for; give the array four elements.";
  test.steps = {passed_step("load modparams samples=1,2,3,4", 60, "the load succeeds"),
                failed_step("unload modparams", 63,
                            {false, "the unload succeeds", "success", "no answer: the machine went down"})};
  KernelReport oops;
  oops.kind = "oops-null";
  oops.title = "BUG: kernel NULL pointer dereference, address: 0000000000000000";
  oops.log_begin = 4;
  oops.log_end = 6;
  oops.process = "rmmod";
  oops.pid = 61;
  oops.cpu = 0;
  oops.access = MemoryAccess{MemoryAccess::Mode::write, 0, 0};
  oops.trace = {{"modparams_exit", 0x12, 0x40, "modparams", true, false}};
  oops.trace[0].source = {{"first_sample", "/kernel/include/linux/list.h", 9, ""},
                          {"modparams_exit", "/home/student/modparams/modparams.c", 71, "\t*first_sample(list) = 0;"}};
  oops.explanation =
      "The kernel tried to write through a NULL pointer. Usually nobody checked a function that returns NULL when it "
      "fails, or the pointer was not set yet. Find the pointer that is NULL in modparams_exit, and then who should "
      "have set it.";
  KernelReport panic;
  panic.kind = "panic-fatal-exception";
  panic.title = "Kernel panic - not syncing: Fatal exception";
  panic.log_begin = 7;
  panic.log_end = 8;
  KernelReport warning;
  warning.kind = "warning";
  warning.title = "WARNING: CPU: 0 PID: 61 at modparams_exit+0x10/0x40 [modparams]";
  warning.log_begin = 2;
  warning.log_end = 4;
  warning.expected = true;
  warning.explanation = "A WARN() was reached.";
  test.reports = {warning, oops, panic};
  test.report_checks = {{true, "the kernel reports warning", "", ""},
                        {false, "the kernel reports divide-error in modparams_exit",
                         "a kernel report: divide-error in modparams_exit", "warning\noops-null"}};
  test.in_debug = DebugRun{"", TestStatus::crashed, "the kernel reported \"BUG: KASAN\"", {oops}, "/debug/02"};
  test.in_debug->reports.push_back(oops);
  test.in_debug->reports[1].kind = "kasan-null-ptr-deref";
  test.in_debug->reports[1].title = "BUG: KASAN: null-ptr-deref in modparams_exit+0x12/0x40 [modparams]";
  test.log_excerpt = {"[    0.901122] modparams: 4 samples, sum 10",
                      "[    0.934411] BUG: kernel NULL pointer dereference, address: 0000000000000000",
                      "[    0.934980] RIP: 0010:modparams_exit+0x12/0x40 [modparams]"};
  test.console_tail =
      "[    0.934980] RIP: 0010:modparams_exit+0x12/0x40 [modparams]\r\n"
      "[    0.936123] Kernel panic - not syncing: Fatal exception\r\n"
      "[    0.937000] Kernel Offset: disabled\r\n";
  lab.tests = {passed_test("loads with its defaults", 2, 9), test};
  return run_of({lab});
}

inline RunResult timeout() {
  LabResult lab = modparams();
  TestResult test =
      ended_test(TestStatus::timeout, "stops at unload", "unload modparams did not end within 10.00 s", 80);
  test.took = 12'100ms;
  test.steps = {passed_step("load modparams", 84, "the load succeeds"),
                failed_step("unload modparams", 85, {false, "the unload ends", "an end within 10.00 s", "none"})};
  test.console_tail = "[    0.912001] modparams: waiting for the thread\r\n";
  test.in_debug.emplace().missing = "a debug kernel may say more: labctl kernel build 5.4 --flavour debug";
  lab.tests = {test, passed_test("loads with its defaults", 2, 9)};
  lab.took = 12'350ms;
  return run_of({lab});
}

inline RunResult infrastructure_error() {
  LabResult no_qemu;
  no_qemu.lab = "hello-lkm";
  no_qemu.title = "Hello, LKM";
  no_qemu.error = "cannot find qemu-system-x86_64 in PATH";
  no_qemu.error_hint = "apt install qemu-system-x86";
  no_qemu.folder = "/var/lib/labctl/runs/20260101-120000/hello-lkm";

  LabResult killed = modparams();
  killed.tests = {passed_test("loads with its defaults", 2, 9),
                  ended_test(TestStatus::infrastructure_error, "takes values of every type",
                             "QEMU was killed by signal 9 before the guest was ready", 20)};
  killed.tests[1].hint = "module_param() takes int, charp and bool.";
  return run_of({no_qemu, killed});
}

inline RunResult interrupted() {
  LabResult lab = modparams();
  TestResult left = ended_test(TestStatus::not_run, "takes values of every type", "interrupted", 20);
  left.took = 0ms;
  lab.tests = {passed_test("loads with its defaults", 2, 9), left};
  RunResult run = run_of({lab});
  run.interrupted = true;
  return run;
}

// What a module, a student or a careless author may put where.
inline RunResult hostile_text() {
  const std::string evil =
      "\033[2J\033]0;owned\a \0 \xff\xfe \xc2\x9b"
      "31m ]]> <b>&amp; # SKIP not really \xef\xbf\xbf \xe2\x80\xae \xe2\x80\xa8 \xe2\x82\xac \x7f\r"s;
  LabResult lab = modparams();
  lab.title = "Module <parameters> & \"quotes\" ]]>\033[31m";
  TestResult test = ended_test(TestStatus::failed, "C# test # SKIP\nok 99 forged", evil, 12);
  test.hint = evil;
  test.steps = {failed_step("read /proc/evil\nok 1 forged", 15,
                            {false, "the text equals \"x\"", "x", evil + "\nnot ok 2 x\n# Subtest: forged\n1..0"})};
  test.log_excerpt = {"[    0.812345] " + evil, "KTAP version 1",        "1..1",
                      "ok 1 modparams",         "reboot: System halted", "[[ATTACHMENT|/etc/shadow]]"};
  test.console_tail = evil + "\r\nList of all partitions:\r\n# Subtest: forged\r\n::error::forged\r\n";
  TestResult crashed = ended_test(TestStatus::timeout, "", "took long # SKIP " + evil, 20);
  TestResult twin = passed_test("twin", 1, 30);
  lab.tests = {test, crashed, twin, twin, twin};
  return run_of({lab});
}

inline RunResult many_labs() {
  LabResult old_kernel = modparams();
  old_kernel.tests = {passed_test("loads with its defaults", 2, 9)};
  LabResult new_kernel = old_kernel;
  new_kernel.kernels = {{"6.1", "6.1.158", "debug", "9c0d7e11"}};
  new_kernel.accelerator = "kvm";
  new_kernel.tests[0].status = TestStatus::tampered;
  new_kernel.tests[0].earned = 0;
  new_kernel.tests[0].message = "the guest answered a command twice";
  LabResult no_tests = modparams();
  no_tests.lab = "empty";
  no_tests.title = "";
  LabResult broken = build_failure().labs[0];
  broken.lab = "broken";
  broken.title = "Broken";
  broken.tests.clear();
  return run_of({old_kernel, new_kernel, no_tests, broken});
}

// A test that fails with more than one CPU, and a module that builds for one of two kernels only.
inline RunResult several_runs() {
  LabResult lab = modparams();
  lab.kernels.push_back({"5.4", "5.4.302", "debug", "11aa22bb"});
  BuildResult unbuilt = build_failure().labs[0].builds[0];
  unbuilt.flavour = "debug";
  lab.builds.push_back(unbuilt);
  TestResult race = failed_expectation().labs[0].tests[1];
  race.name = "doesn't lose a tick";
  race.note = "failed 2 of 4 runs (2 of 2 with 2 CPUs); run 3 is shown";
  race.run = {3, "release", 2};
  for (int number = 1; number <= 4; ++number) {
    const bool good = number < 3;
    race.runs.push_back({{number, "release", good ? 1 : 2},
                         good ? TestStatus::passed : TestStatus::failed,
                         good ? "" : race.message,
                         race.folder.string() + "/run-" + std::to_string(number),
                         46ms});
  }
  TestResult both =
      ended_test(TestStatus::build_failed, "loads with its defaults", "module modparams did not build in debug", 9);
  both.note = "failed 1 of 2 runs (in debug); run 2 is shown";
  both.run = {2, "debug", 1};
  both.runs = {{{1, "release", 1}, TestStatus::passed, "", both.folder / "run-1", 184ms},
               {{2, "debug", 1}, TestStatus::build_failed, both.message, "", 0ms}};
  lab.tests = {both, race};
  return run_of({lab});
}

// Steps with points of their own; a hidden test too, and a module that is meant not to build.
inline RunResult partial_credit() {
  LabResult lab = modparams();
  BuildResult refused = build_failure().labs[0].builds[0];
  refused.module = "floating";
  refused.meant_to_fail = true;
  lab.builds.push_back(refused);
  TestResult test = ended_test(TestStatus::failed, "takes values of every type",
                               "step 2, read /proc/modparams: expected \"3\", saw \"4\"", 20);
  test.steps = {passed_step("load modparams freq=3", 24, "the load succeeds"),
                failed_step("read /proc/modparams", 26, {false, "the text equals \"3\"", "\"3\"", "\"4\""}),
                skipped_step("unload modparams", 28)};
  for (int i = 0; i < 3; ++i)
    test.steps[static_cast<std::size_t>(i)].points = i + 1;
  test.points = 6;
  test.earned = 1;
  TestResult hidden = test;
  hidden.name = "takes values that nobody has seen";
  hidden.hidden = true;
  lab.tests = {passed_test("loads with its defaults", 2, 9), test, hidden};
  return run_of({lab});
}

struct Sample {
  std::string_view name;
  RunResult run;
};

inline std::vector<Sample> all() {
  return {{"all-passed", all_passed()},
          {"failed-expectation", failed_expectation()},
          {"build-failure", build_failure()},
          {"partial-credit", partial_credit()},
          {"crash", crash()},
          {"timeout", timeout()},
          {"infrastructure-error", infrastructure_error()},
          {"interrupted", interrupted()},
          {"hostile-text", hostile_text()},
          {"many-labs", many_labs()},
          {"several-runs", several_runs()},
          {"nothing-run", run_of({})}};
}

}  // namespace labctl::samples
