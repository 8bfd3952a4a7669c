#include <gtest/gtest.h>

#include "making.hpp"

namespace labctl {
namespace {

using namespace making;

ReadStep reads(const std::string& text) {
  ReadStep step = read_of("/proc/counter");
  step.expect.equals = text;
  return step;
}

auto data(const std::string& text) {
  return [text](Observation& seen) { seen.data = text; };
}

auto ends(Ending ending) {
  return [ending](Observation& seen) {
    seen.ending = ending;
    seen.killed_by = 9;
  };
}

Story passing_story() {
  Story story({record("boot")});
  story.step(LoadStep{"lab", {}, 0}, {record("lab: hello")})
      .step(reads("2"), data("2\n"))
      .step(UnloadStep{"lab", 0}, {record("lab: bye")});
  story.test.points = 3;
  story.test.hint = "a hint";
  story.test.where.line = 7;
  return story;
}

KernelReport report(const std::string& title, std::size_t begin, std::size_t end) {
  KernelReport made;
  made.kind = "oops";
  made.title = title;
  made.log_begin = begin;
  made.log_end = end;
  return made;
}

// What was lost may have been a kernel report.
TEST(Judge, ATestWhoseLogWasCutDoesNotPass) {
  Story story = passing_story();
  story.evidence.log_cut = true;
  const auto result = story.judge();
  EXPECT_EQ(result.status, TestStatus::failed);
  EXPECT_NE(result.message.find("more was printed at once than the kernel's log holds"), std::string::npos);
}

TEST(Judge, APassingTest) {
  const auto result = passing_story().judge();
  EXPECT_EQ(result.status, TestStatus::passed);
  EXPECT_EQ(result.message, "");
  EXPECT_EQ(result.name, "story");
  EXPECT_EQ(result.points, 3);
  EXPECT_EQ(result.hint, "a hint");
  EXPECT_EQ(result.where.line, 7);
  ASSERT_EQ(result.steps.size(), 3U);
  for (const StepResult& step : result.steps) {
    EXPECT_EQ(step.status, StepStatus::passed);
    EXPECT_FALSE(step.checks.empty());
  }
  EXPECT_EQ(result.steps[0].summary, "load lab");
  ASSERT_EQ(result.steps[0].log.size(), 1U);
  EXPECT_EQ(result.steps[0].log[0].text, "lab: hello");
  EXPECT_TRUE(result.log_excerpt.empty());
}

TEST(Judge, AFailedStepEndsTheTest) {
  Story story = passing_story();
  story.evidence.steps[1].data = "1\n";
  const auto result = story.judge();
  EXPECT_EQ(result.status, TestStatus::failed);
  EXPECT_EQ(result.message, "step 2, read /proc/counter: expected \"2\", saw \"1\"");
  EXPECT_EQ(result.steps[1].status, StepStatus::failed);
  EXPECT_EQ(result.steps[2].status, StepStatus::not_run);
  EXPECT_TRUE(result.steps[2].checks.empty());
  EXPECT_EQ(result.steps[2].summary, "unload lab");
  EXPECT_EQ(result.log_excerpt, std::vector<std::string>{"[    1.500000] lab: hello"});
}

TEST(Judge, ContinueGoesOnButStillFails) {
  Story story = passing_story();
  story.evidence.steps[1].data = "1\n";
  story.test.steps[1].continue_on_failure = true;
  const auto result = story.judge();
  EXPECT_EQ(result.status, TestStatus::failed);
  EXPECT_EQ(result.steps[2].status, StepStatus::passed);
  EXPECT_TRUE(result.message.starts_with("step 2, ")) << result.message;
}

TEST(Judge, AReportFailsATestWhoseChecksAllPass) {
  const auto result = passing_story().judge({report("BUG: kernel NULL pointer dereference, address: 0", 2, 3)});
  EXPECT_EQ(result.status, TestStatus::crashed);
  EXPECT_EQ(result.message,
            "the kernel reported \"BUG: kernel NULL pointer dereference, address: 0\" during step 3, unload lab");
  ASSERT_EQ(result.reports.size(), 1U);
  EXPECT_EQ(result.steps[2].status, StepStatus::passed);
  const auto two = passing_story().judge({report("first", 1, 2), report("second", 2, 3)});
  EXPECT_EQ(two.message, "the kernel reported \"first\" during step 1, load lab (and 1 more)");
  EXPECT_EQ(passing_story().judge({report("after all", 99, 100)}).message, "the kernel reported \"after all\"");
}

// Four steps, of which the second may fail, with 1, 2, 4 and 8 points.
Story story_with_points() {
  Story story;
  for (int i = 0; i < 4; ++i) {
    story.step(reads("2"), data("2\n"));
    story.test.steps.back().points = 1 << i;
  }
  story.test.points = 15;
  return story;
}

TEST(Judge, EarnsThePointsOfTheStepsThatPass) {
  Story story = story_with_points();
  EXPECT_EQ(story.judge().earned, 15);
  EXPECT_EQ(story.judge().steps[2].points, 4);
  story.evidence.steps[1].data = "1\n";
  EXPECT_EQ(story.judge().earned, 1) << "what was not reached gives nothing";
  story.test.steps[1].continue_on_failure = true;
  EXPECT_EQ(story.judge().earned, 13);
  EXPECT_EQ(story.judge().status, TestStatus::failed);
  EXPECT_EQ(story.judge().points, 15);
}

TEST(Judge, EarnsNothingInACrashAndKeepsWhatItEarnedBeforeATimeOut) {
  EXPECT_EQ(story_with_points().judge({report("BUG: x", 0, 0)}).earned, 0);
  const auto earned = [](Ending ending) {
    Story story = story_with_points();
    ends(ending)(story.evidence.steps[2]);
    story.evidence.steps[3] = Observation{};
    return story.judge().earned;
  };
  EXPECT_EQ(earned(Ending::timed_out), 3);
  for (const Ending ending : {Ending::killed, Ending::guest_ended, Ending::flooded, Ending::tampered, Ending::not_run})
    EXPECT_EQ(earned(ending), 0) << static_cast<int>(ending);
}

TEST(Judge, EarnsAllOrNothingWithoutPointsOfSteps) {
  Story story = passing_story();
  EXPECT_EQ(story.judge().earned, 3);
  story.evidence.steps[2].error_number = 16;
  EXPECT_EQ(story.judge().earned, 0);
}

struct Dead {
  Ending ending;
  TestStatus status;
  const char* message;
};

class Ended : public testing::TestWithParam<Dead> {};

TEST_P(Ended, HasItsStatus) {
  Story story = passing_story();
  ends(GetParam().ending)(story.evidence.steps[0]);
  story.evidence.steps[1] = story.evidence.steps[2] = Observation{};
  const auto result = story.judge();
  EXPECT_EQ(result.status, GetParam().status);
  EXPECT_EQ(result.message, GetParam().message);
  EXPECT_EQ(result.steps[0].status, StepStatus::failed);
  EXPECT_EQ(result.steps[1].status, StepStatus::not_run);
}

INSTANTIATE_TEST_SUITE_P(
    Check, Ended,
    testing::Values(Dead{Ending::killed, TestStatus::crashed,
                         "step 1, load lab: the kernel killed the process that did it with signal 9 (SIGKILL), as it "
                         "does after an oops"},
                    Dead{Ending::guest_ended, TestStatus::crashed,
                         "step 1, load lab: the machine went down (a panic, a reset or a halt)"},
                    Dead{Ending::flooded, TestStatus::crashed,
                         "step 1, load lab: the machine was stopped because its log grew past the size limit"},
                    Dead{Ending::timed_out, TestStatus::timeout, "step 1, load lab: did not end within 10.00 s"},
                    Dead{Ending::tampered, TestStatus::tampered,
                         "step 1, load lab: an answer came that the guest's agent cannot have sent"}));

// tampered > crashed > timeout > failed > passed, wherever in the test each happens.
TEST(Judge, StatusPrecedence) {
  struct Fault {
    TestStatus status;
    Ending ending;
    const char* data;
  };
  const std::vector<Fault> faults = {{TestStatus::tampered, Ending::tampered, ""},
                                     {TestStatus::crashed, Ending::guest_ended, ""},
                                     {TestStatus::timeout, Ending::timed_out, ""},
                                     {TestStatus::failed, Ending::completed, "1"},
                                     {TestStatus::passed, Ending::completed, "2"}};
  const auto add = [](Story& story, const Fault& fault) {
    story
        .step(reads("2"),
              [&](Observation& seen) {
                seen.ending = fault.ending;
                seen.data = fault.data;
              })
        .go_on();
  };
  for (std::size_t worse = 0; worse < faults.size(); ++worse) {
    for (std::size_t better = worse; better < faults.size(); ++better) {
      Story one, other;
      add(one, faults[worse]);
      add(one, faults[better]);
      add(other, faults[better]);
      add(other, faults[worse]);
      EXPECT_EQ(one.judge().status, faults[worse].status);
      EXPECT_EQ(other.judge().status, faults[worse].status);
    }
  }
  Story tampered = passing_story();
  tampered.evidence.steps[2].ending = Ending::tampered;
  EXPECT_EQ(tampered.judge({report("oops", 1, 2)}).status, TestStatus::tampered);
  Story late = passing_story();
  late.evidence.steps[2].ending = Ending::timed_out;
  EXPECT_EQ(late.judge({report("soft lockup", 1, 2)}).status, TestStatus::crashed);
}

// Where a step hangs is an answer to labctl's own question.
TEST(Judge, WhereAStepHangsIsNoCrash) {
  Story story = passing_story();
  story.evidence.steps[2].ending = Ending::timed_out;
  KernelReport hang = report("rmmod/31 waits in bye()", 3, 3);
  hang.kind = "hang-waiting";
  auto result = story.judge({hang});
  EXPECT_EQ(result.status, TestStatus::timeout);
  EXPECT_EQ(result.message, "step 3, unload lab: did not end within 10.00 s; rmmod/31 waits in bye()");
  EXPECT_FALSE(result.reports[0].expected);
  EXPECT_FALSE(result.log_excerpt.empty());
  EXPECT_EQ(story.judge({hang, report("oops", 1, 2)}).status, TestStatus::crashed);
}

TEST(Judge, AStepThatIsToHangMaySayWhere) {
  Story story = passing_story();
  story.test.steps[2].ends = StepEnd::hangs;
  story.evidence.steps[2].ending = Ending::timed_out;
  KernelReport hang = report("rmmod/31 waits in bye()", 3, 3);
  hang.kind = "hang-waiting";
  const auto result = story.judge({hang});
  EXPECT_EQ(result.status, TestStatus::passed) << result.message;
  EXPECT_TRUE(result.reports[0].expected);
  hang.kind = "hang-elsewhere";  // any other kind is a fault
  EXPECT_EQ(story.judge({hang}).status, TestStatus::crashed);
}

TEST(Judge, AProgramThatDoesNotEndIsATimeout) {
  RunStep run;
  run.argv = {"sleep", "99"};
  const auto result = Story().step(run, [](Observation& seen) { seen.program_timed_out = true; }).judge();
  EXPECT_EQ(result.status, TestStatus::timeout);
  EXPECT_EQ(result.message,
            "step 1, run sleep 99: expected the program to end within 10.00 s, saw it still running after 10.00 s");
}

TEST(Judge, WhatWasNotRunForNoReasonIsNoPass) {
  Story story = passing_story();
  story.evidence.steps.resize(2);
  auto result = story.judge();
  EXPECT_EQ(result.status, TestStatus::infrastructure_error);
  EXPECT_EQ(result.message, "step 3, unload lab: was not run although nothing failed before it");
  story.evidence.steps.clear();
  EXPECT_EQ(story.judge().status, TestStatus::infrastructure_error);
  EXPECT_EQ(Story().judge().status, TestStatus::not_run);
}

TEST(Judge, TheMessageIsOneBoundedPrintableLine) {
  Story story = passing_story();
  story.evidence.steps[1].data = "\x1b[2J\n" + std::string(1'000'000, 'x');
  for (const TestResult& result :
       {story.judge(), story.judge({report("\x1b[2J\nBUG" + std::string(100'000, 'x'), 1, 2)})}) {
    EXPECT_EQ(result.message.find('\n'), std::string::npos);
    EXPECT_EQ(result.message.find('\x1b'), std::string::npos);
    EXPECT_LT(result.message.size(), 1'000U);
  }
}

TEST(Judge, LogsAreBoundedAndTheKernelsOwn) {
  std::vector<KmsgRecord> log;
  for (int i = 0; i < 1'000; ++i)
    log.push_back(record("line " + std::to_string(i)));
  log.push_back(record("from a program", 6, 1));
  Story story({record("boot")});
  story.step(LoadStep{"lab", {}, 22}, log);
  const auto result = story.judge();
  ASSERT_EQ(result.steps[0].log.size(), 200U);
  EXPECT_EQ(result.steps[0].log.front().text, "line 0");
  EXPECT_EQ(result.steps[0].log.back().text, "line 999");
  EXPECT_LE(result.log_excerpt.size(), 40U);
  ASSERT_FALSE(result.log_excerpt.empty());
  EXPECT_EQ(result.log_excerpt.back(), "[    1.500000] line 999");
}

TEST(Judge, TheExcerptShowsTheReport) {
  std::vector<KmsgRecord> log;
  for (int i = 0; i < 100; ++i)
    log.push_back(record("line " + std::to_string(i)));
  Story story({record("boot")});
  story.step(LoadStep{"lab", {}, 0}, log);
  const auto lines = story.judge({report("line 9", 10, 60)}).log_excerpt;
  ASSERT_EQ(lines.size(), 40U);
  EXPECT_EQ(lines[0], "[    1.500000] line 6");
  EXPECT_EQ(lines[3], "[    1.500000] line 9");
}

}  // namespace
}  // namespace labctl
