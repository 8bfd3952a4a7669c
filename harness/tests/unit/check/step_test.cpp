#include <gtest/gtest.h>

#include "making.hpp"

namespace labctl {
namespace {

using namespace making;

LoadStep load(int expect_errno = 0) {
  return {"modparams", {{"freq", "9"}}, expect_errno};
}

auto failed_with(int number) {
  return [number](Observation& seen) { seen.error_number = number; };
}

TEST(LoadCheck, AStepThatExpectsNothingStillHasACheck) {
  const auto checks = Story().step(LoadStep{"hello-lkm", {}, 0}).checks();
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_TRUE(checks[0].passed);
  EXPECT_EQ(checks[0].what, "load hello-lkm succeeds");
}

TEST(LoadCheck, TellsSuccessFromAnotherErrno) {
  EXPECT_TRUE(all_passed(Story().step(load(22), failed_with(22)).checks()));
  auto failed = failure(Story().step(load(22)).checks());
  EXPECT_EQ(failed.what, "load modparams freq=9 fails with EINVAL");
  EXPECT_EQ(failed.expected, "failure with EINVAL");
  EXPECT_EQ(failed.seen, "success");
  failed = failure(Story().step(load(22), failed_with(12)).checks());
  EXPECT_EQ(failed.seen, "failure with ENOMEM");
  failed = failure(Story().step(load(), failed_with(22)).checks());
  EXPECT_EQ(failed.expected, "success");
  EXPECT_EQ(failed.seen, "failure with EINVAL");
}

TEST(LoadCheck, WhatTheFileSaysFollowsTheKernelsReason) {
  const auto refused = [](int number) {
    return [number](Observation& seen) {
      seen.error_number = number;
      seen.refusal = "helper exports add; load helper first";
    };
  };
  auto failed =
      failure(Story().step(load(), refused(2), {record("modparams: Unknown symbol add (err -2)", 4)}).checks());
  EXPECT_EQ(failed.seen,
            "failure with ENOENT: the kernel log says \"modparams: Unknown symbol add (err -2)\": helper exports add; "
            "load helper first");
  failed = failure(Story().step(load(), refused(8)).checks());
  EXPECT_EQ(failed.seen, "failure with ENOEXEC: helper exports add; load helper first");
  EXPECT_TRUE(all_passed(Story().step(load(2), refused(2)).checks())) << "it decides nothing";
}

TEST(LoadCheck, WithAnAllocationFailingItMayFailOrNotButMustComeBack) {
  LoadStep faulty = load();
  faulty.failing_allocation = 57;
  for (const int error : {0, 12, 22})
    EXPECT_TRUE(all_passed(Story().step(faulty, failed_with(error)).checks())) << error;
  const auto died = [](Observation& seen) { seen.ending = Ending::killed; };
  EXPECT_FALSE(all_passed(Story().step(faulty, died).checks()));
  LoadStep counted = load();
  counted.failing_allocation = LoadStep::count_allocations;
  EXPECT_FALSE(all_passed(Story().step(counted, failed_with(12)).checks()));
}

TEST(UnloadCheck, WhatIsUnloadedIfItIsLoadedNeedNotBe) {
  const UnloadStep tidy{"modparams", 0, true};
  EXPECT_TRUE(all_passed(Story().step(tidy).checks()));
  EXPECT_TRUE(all_passed(Story().step(tidy, failed_with(2)).checks()));
  EXPECT_FALSE(all_passed(Story().step(tidy, failed_with(16)).checks()));
  EXPECT_FALSE(all_passed(Story().step(UnloadStep{"modparams", 0}, failed_with(2)).checks()));
}

class Refusal : public testing::TestWithParam<const char*> {};

TEST_P(Refusal, IsTheKernelsReason) {
  const auto failed =
      failure(Story().step(load(), failed_with(22), {record("modparams: hello", 6), record(GetParam(), 4)}).checks());
  EXPECT_EQ(failed.seen, "failure with EINVAL: the kernel log says \"" + std::string(GetParam()) + "\"");
}

INSTANTIATE_TEST_SUITE_P(
    Check, Refusal,
    testing::Values("modparams: Unknown symbol helper (err -2)", "modparams: `x' invalid for parameter `freq'",
                    "modparams: version magic '6.1.0 SMP ' should be '5.4.286 SMP mod_unload '",
                    "modparams: disagrees about version of symbol module_layout", "freq: can only take 3 arguments",
                    "modparams: exports duplicate symbol lab_add (owned by helper)", "modparams: freq out of range"));

TEST(LoadCheck, TheReasonIsTakenFromTheKernelInThisStep) {
  const std::string reason = "modparams: Unknown symbol helper (err -2)";
  // Before the test, in an earlier step, or by a program: not the reason. Level info: no complaint.
  const auto failed = failure(Story({record(reason, 4)})
                                  .step(load(2), failed_with(2), {record(reason, 4)})
                                  .step(load(), failed_with(22), {record(reason, 4, 1), record("modparams: hi", 6)})
                                  .checks());
  EXPECT_EQ(failed.seen, "failure with EINVAL");
}

TEST(LoadCheck, TaintIsNoReason) {
  const auto failed =
      failure(Story()
                  .step(load(), failed_with(8), {record("modparams: loading out-of-tree module taints kernel.", 4)})
                  .checks());
  EXPECT_TRUE(failed.seen.starts_with("failure with ENOEXEC: the kernel does not accept the file")) << failed.seen;
}

TEST(LoadCheck, AnIgnoredParameterExplainsASuccess) {
  const auto failed =
      failure(Story().step(load(22), {record("modparams: unknown parameter 'freq' ignored", 4)}).checks());
  EXPECT_EQ(failed.seen, "success: the kernel log says \"modparams: unknown parameter 'freq' ignored\"");
}

TEST(UnloadCheck, ExplainsTheErrno) {
  EXPECT_TRUE(all_passed(Story().step(UnloadStep{"m", 0}).checks()));
  EXPECT_TRUE(all_passed(Story().step(UnloadStep{"m", 11}, failed_with(11)).checks()));
  EXPECT_EQ(failure(Story().step(UnloadStep{"m", 0}, failed_with(11)).checks()).seen,
            "failure with EAGAIN: the module is in use");
}

TEST(ReadCheck, AFailedReadIsOneFailure) {
  ReadStep step = read_of("/proc/x");
  step.expect.lacks = {"error"};  // would hold of the empty text
  const auto checks = Story().step(step, failed_with(2)).checks();
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].what, "read /proc/x succeeds");
  EXPECT_FALSE(checks[0].passed);
}

WriteStep write(const std::string& data, std::optional<Number> bytes = {}) {
  WriteStep made;
  made.file = "/proc/x";
  made.data = data;
  made.expect_bytes = std::move(bytes);
  return made;
}

auto wrote(std::uint64_t bytes) {
  return [bytes](Observation& seen) { seen.bytes_written = bytes; };
}

TEST(WriteCheck, MustTakeAllUnlessTold) {
  EXPECT_TRUE(all_passed(Story().step(write("abc"), wrote(3)).checks()));
  EXPECT_TRUE(all_passed(Story().step(write(""), wrote(0)).checks()));
  EXPECT_TRUE(all_passed(Story().step(write("abc", "2"), wrote(2)).checks()));
  EXPECT_FALSE(all_passed(Story().step(write("abc", "2"), wrote(3)).checks()));
  const auto failed = failure(Story().step(write("abc"), wrote(1)).checks());
  EXPECT_EQ(failed.what, "the write takes all of its 3 bytes");
  EXPECT_EQ(failed.expected, "3 bytes taken");
  EXPECT_EQ(failed.seen, "1 byte taken");
}

TEST(WriteCheck, AnExpectedErrnoNeedsNoBytes) {
  WriteStep step = write("abc");
  step.expect_errno = 5;
  EXPECT_TRUE(all_passed(Story().step(step, failed_with(5)).checks()));
  EXPECT_FALSE(all_passed(Story().step(step, wrote(3)).checks()));
}

RunStep run() {
  RunStep step;
  step.argv = {"cat", "/proc/x"};
  return step;
}

TEST(RunCheck, JudgesTheExitStatus) {
  EXPECT_TRUE(all_passed(Story().step(run()).checks()));
  RunStep three = run();
  three.expect_exit = 3;
  EXPECT_FALSE(all_passed(Story().step(three).checks()));
  EXPECT_TRUE(all_passed(Story().step(three, [](Observation& seen) { seen.exit_status = 3; }).checks()));
  auto failed = failure(Story()
                            .step(run(),
                                  [](Observation& seen) {
                                    seen.exit_status = 1;
                                    seen.standard_error = "cat: no such file\n";
                                  })
                            .checks());
  EXPECT_EQ(failed.what, "run cat /proc/x ends with exit status 0");
  EXPECT_EQ(failed.expected, "exit status 0");
  EXPECT_EQ(failed.seen, "exit status 1, stderr \"cat: no such file\\n\"");
  failed = failure(Story().step(run(), [](Observation& seen) { seen.exit_status = 127; }).checks());
  EXPECT_EQ(failed.seen, "exit status 127 (a shell's for a program that is not found)");
  failed = failure(Story().step(run(), [](Observation& seen) { seen.exit_status = 139; }).checks());
  EXPECT_EQ(failed.seen, "exit status 139 (a shell's for signal 11 (SIGSEGV))");
}

TEST(RunCheck, JudgesTheSignal) {
  const auto by_signal = [](Observation& seen) { seen.exit_signal = 11; };
  RunStep step = run();
  EXPECT_EQ(failure(Story().step(step, by_signal).checks()).seen, "signal 11 (SIGSEGV)");
  step.expect_signal = 11;
  EXPECT_TRUE(all_passed(Story().step(step, by_signal).checks()));
  EXPECT_EQ(failure(Story().step(step).checks()).seen, "exit status 0");
  EXPECT_FALSE(all_passed(Story().step(step, [](Observation& seen) { seen.exit_signal = 9; }).checks()));
}

TEST(RunCheck, JudgesBothOutputs) {
  RunStep step = run();
  step.expect_stdout.equals = "42";
  step.expect_stderr.lacks = {"warning"};
  const auto seen = [](const std::string& out, const std::string& err) {
    return [=](Observation& made) {
      made.standard_output = out;
      made.standard_error = err;
    };
  };
  EXPECT_EQ(Story().step(step, seen("42\n", "")).checks().size(), 3U);
  EXPECT_TRUE(all_passed(Story().step(step, seen("42\n", "")).checks()));
  EXPECT_EQ(failure(Story().step(step, seen("41\n", "")).checks()).expected, "stdout \"42\"");
  EXPECT_EQ(failure(Story().step(step, seen("42", "a warning")).checks()).expected, "stderr without \"warning\"");
  EXPECT_FALSE(all_passed(Story().step(step, seen("", "42")).checks()));
}

RunStep talk() {
  RunStep step = run();
  step.input = {{"", std::chrono::milliseconds(0), "a"}, {"name? ", std::chrono::milliseconds(0), "b"}};
  return step;
}

auto printed(const std::string& text, std::size_t parts, Ending ending = Ending::completed) {
  return [=](Observation& seen) {
    seen.standard_output = text;
    seen.parts_written = parts;
    seen.ending = ending;
  };
}

TEST(RunCheck, JudgesWhetherItAskedForItsInput) {
  EXPECT_TRUE(all_passed(Story().step(talk(), printed("name? ", 2)).checks()));
  const auto failed = failure(Story().step(talk(), printed("nam?\n", 1)).checks());
  EXPECT_EQ(failed.expected, "\"name? \" in stdout, and part 2 of its input taken");
  EXPECT_EQ(failed.seen, "an end after 1 of 2 parts, stdout \"nam?\\n\"");
  // A part that waits for nothing need not be read.
  RunStep deaf = talk();
  deaf.input[1].after.clear();
  EXPECT_TRUE(all_passed(Story().step(deaf, printed("", 0)).checks()));
}

TEST(RunCheck, SaysWhereAProgramStoppedThatDidNotEnd) {
  EXPECT_EQ(
      failure(Story().step(talk(), printed("hello\nnam? ", 1, Ending::timed_out)).checks()).seen,
      "did not end within 10.00 s; part 2 of its input was not taken after \"name? \"; it printed last \"nam? \"");
  RunStep terminal = run();
  terminal.tty = true;
  EXPECT_EQ(failure(Story().step(terminal, printed("", 0, Ending::timed_out)).checks()).seen,
            "did not end within 10.00 s; it printed nothing");
}

TEST(RunCheck, AProgramThatDidNotStartOrEndIsOneFailure) {
  RunStep step = run();
  step.expect_stdout.lacks = {"error"};
  auto checks = Story().step(step, failed_with(2)).checks();
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].seen, "failure with ENOENT to start it: no such program in the guest");
  Story story;
  story.step(step, [](Observation& seen) { seen.program_timed_out = true; });
  story.test.steps[0].limit = std::chrono::seconds(2);
  checks = story.checks();
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_FALSE(checks[0].passed);
  EXPECT_EQ(checks[0].seen, "it still running after 2.00 s");
}

// Whatever a step expects, it passes only when it completed.
struct Broken {
  Ending ending;
  const char* seen;
};

class BrokenEnding : public testing::TestWithParam<Broken> {};

TEST_P(BrokenEnding, NeverPasses) {
  ReadStep nothing = read_of("/proc/x");
  DmesgStep quiet;
  quiet.lacks = {"x"};
  RunStep killed = run();
  killed.expect_signal = 9;
  for (const Action& action : {Action{load()}, Action{load(22)}, Action{UnloadStep{"m", 0}}, Action{nothing},
                               Action{write("")}, Action{run()}, Action{killed}, Action{quiet}, Action{DmesgStep{}}}) {
    const auto checks = Story()
                            .step(action,
                                  [](Observation& seen) {
                                    seen.ending = GetParam().ending;
                                    seen.killed_by = 9;
                                    seen.exit_signal = 9;
                                    seen.error_number = 22;
                                  })
                            .checks();
    ASSERT_EQ(checks.size(), 1U);
    EXPECT_FALSE(checks[0].passed);
    EXPECT_EQ(checks[0].seen, GetParam().seen);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Check, BrokenEnding,
    testing::Values(
        Broken{Ending::killed,
               "the kernel killed the process that did it with signal 9 (SIGKILL), as it does after an oops"},
        Broken{Ending::timed_out, "did not end within 10.00 s"},
        Broken{Ending::guest_ended, "the machine went down (a panic, a reset or a halt)"},
        Broken{Ending::flooded, "the machine was stopped because its log grew past the size limit"},
        Broken{Ending::tampered, "an answer came that the guest's agent cannot have sent"},
        Broken{Ending::not_run, "was not run"}));

TEST(RebootCheck, ThatNothingFailedIsNoReboot) {
  const auto reboot = [](int error, bool rebooted) {
    Story story;
    story.step(RebootStep{}, [&](Observation& seen) {
      seen.error_number = error;
      seen.rebooted = rebooted;
    });
    return story.checks();
  };
  EXPECT_TRUE(all_passed(reboot(0, true)));
  EXPECT_THAT(failure(reboot(0, false)).seen, testing::HasSubstr("still up"));
  EXPECT_FALSE(all_passed(reboot(EPERM, false)));
}

TEST(ElapsedCheck, CountsFromTheMarkToNow) {
  using std::chrono::milliseconds;
  const auto checks = [](std::optional<milliseconds> min, std::optional<milliseconds> max) {
    Story story;
    story.step(load(), [](Observation& seen) {
      seen.mark = milliseconds(100);
      seen.at = milliseconds(130);
    });
    story.test.steps.back().mark = "begun";
    ElapsedStep elapsed;
    elapsed.since = "begun";
    elapsed.min = min;
    elapsed.max = max;
    return story.step(elapsed, [](Observation& seen) { seen.at = milliseconds(141); }).checks();
  };
  EXPECT_TRUE(all_passed(checks(milliseconds(41), milliseconds(41))));
  auto failed = failure(checks(milliseconds(42), milliseconds(100)));
  EXPECT_EQ(failed.expected, "at least 42 ms since begun");
  EXPECT_EQ(failed.seen, "41 ms");
  failed = failure(checks(milliseconds(0), milliseconds(40)));
  EXPECT_EQ(failed.expected, "at most 40 ms since begun");
  EXPECT_EQ(failed.seen, "41 ms");
}

TEST(StepCheck, AMissingObservationIsNotRun) {
  Story story;
  story.step(load());
  story.evidence.steps.clear();
  EXPECT_FALSE(all_passed(story.checks()));
  EXPECT_EQ(failure(story.checks()).seen, "was not run");
}

}  // namespace
}  // namespace labctl
