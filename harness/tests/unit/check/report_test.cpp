// Tests that expect kernel reports, and steps that expect not to complete.
#include <gtest/gtest.h>

#include "making.hpp"

namespace labctl {
namespace {

using namespace making;

KernelReport report(std::string kind) {
  KernelReport made;
  made.kind = std::move(kind);
  made.title = "BUG: " + made.kind;
  return made;
}

StackFrame frame(std::string function, std::string text = {}, int line = 0) {
  StackFrame made;
  made.function = function;
  made.module = "lab";
  if (line > 0) made.source.push_back({std::move(function), "lab.c", line, std::move(text)});
  return made;
}

Story story(std::vector<ExpectedReport> expected) {
  Story made;
  made.step(LoadStep{"lab", {}, 0});
  made.test.reports = std::move(expected);
  made.test.points = 2;
  return made;
}

TEST(ExpectedReport, PassesTheTestThatIsAboutIt) {
  const auto result = story({{{"oops-null"}, "", "", false, {}}}).judge({report("oops-null"), report("oops-null")});
  EXPECT_EQ(result.status, TestStatus::passed) << result.message;
  EXPECT_EQ(result.earned, 2);
  ASSERT_EQ(result.reports.size(), 2U);
  EXPECT_TRUE(result.reports[0].expected && result.reports[1].expected);
  ASSERT_EQ(result.report_checks.size(), 1U);
  EXPECT_EQ(result.report_checks[0].what, "the kernel reports oops-null");
  EXPECT_TRUE(result.log_excerpt.empty());
}

TEST(ExpectedReport, ThatDoesNotComeFailsTheTest) {
  const auto result = story({{{"oops-null"}, "", "", false, {}}}).judge();
  EXPECT_EQ(result.status, TestStatus::failed);
  EXPECT_EQ(result.message, "expected a kernel report: oops-null, saw no kernel report");
  EXPECT_EQ(result.earned, 0);
  ASSERT_EQ(result.report_checks.size(), 1U);
  EXPECT_FALSE(result.report_checks[0].passed);
}

TEST(ExpectedReport, LeavesAnyOtherUnexpected) {
  auto other = report("lockdep-circular");
  const auto result = story({{{"oops-null"}, "", "", false, {}}}).judge({report("oops-null"), other});
  EXPECT_EQ(result.status, TestStatus::crashed);
  EXPECT_EQ(result.message, "the kernel reported \"BUG: lockdep-circular\"");
  EXPECT_TRUE(result.reports[0].expected);
  EXPECT_FALSE(result.reports[1].expected);
}

TEST(ExpectedReport, OfSeveralKindsNeedsOneOfThem) {
  const std::vector<ExpectedReport> expected = {{{"oops-null", "kasan-null-ptr-deref"}, "", "", false, {}}};
  EXPECT_EQ(story(expected).judge({report("kasan-null-ptr-deref")}).status, TestStatus::passed);
  EXPECT_EQ(story(expected).judge({report("kasan-null-ptr-deref"), report("oops-null")}).status, TestStatus::passed);
  EXPECT_EQ(story(expected).judge().message,
            "expected a kernel report: oops-null or kasan-null-ptr-deref, saw no kernel report");
}

// What ran when an interrupt came is not where the interrupt went wrong.
TEST(ExpectedReport, IsNotWhereAnInterruptCameIn) {
  auto seen = report("oops-null");
  seen.trace = {frame("rang", "late->count++;", 20), frame("innocent", "mdelay(60);", 8)};
  seen.trace[1].interrupted = true;
  EXPECT_EQ(story({{{"oops-null"}, "rang", "count++", false, {}}}).judge({seen}).status, TestStatus::passed);
  EXPECT_EQ(story({{{"oops-null"}, "innocent", "", false, {}}}).judge({seen}).status, TestStatus::crashed);
  seen.trace.erase(seen.trace.begin());
  EXPECT_EQ(story({{{"oops-null"}, "", "mdelay", false, {}}}).judge({seen}).status, TestStatus::crashed);
  seen.trace[0].interrupted = false;
  EXPECT_EQ(story({{{"oops-null"}, "innocent", "mdelay", false, {}}}).judge({seen}).status, TestStatus::passed);
}

TEST(ExpectedReport, ThatIsOptionalNeedNotCome) {
  const std::vector<ExpectedReport> expected = {{{"warning"}, "", "", true, {}}};
  EXPECT_EQ(story(expected).judge().status, TestStatus::passed);
  EXPECT_EQ(story(expected).judge({report("warning")}).status, TestStatus::passed);
  EXPECT_EQ(story(expected).judge({report("oops-null")}).status, TestStatus::crashed);
}

TEST(ExpectedReport, IsInAFunctionThatAnyOfItsTracesNames) {
  const std::vector<ExpectedReport> expected = {{{"kasan-use-after-free"}, "release_all", "", false, {}}};
  auto freed = report("kasan-use-after-free");
  freed.trace = {frame("reads")};
  freed.free_trace = {frame("kfree"), frame("release_all.constprop.0")};
  EXPECT_EQ(story(expected).judge({freed}).status, TestStatus::passed);
  freed.free_trace.pop_back();
  EXPECT_EQ(story(expected).judge({freed}).status, TestStatus::crashed);
  freed.free_trace.push_back(frame("release_all_of_them"));
  EXPECT_EQ(story(expected).judge({freed}).status, TestStatus::crashed) << "a longer name is another function";
  auto inlined = report("kasan-use-after-free");
  inlined.trace = {frame("caller")};
  inlined.trace[0].source = {{"release_all", "lab.c", 7, "kfree(p);"}, {"caller", "lab.c", 9, "release_all();"}};
  EXPECT_EQ(story(expected).judge({inlined}).status, TestStatus::passed);
  auto lock = report("kasan-use-after-free");
  lock.locks = {{"&lock", {frame("release_all")}}};
  EXPECT_EQ(story(expected).judge({lock}).status, TestStatus::passed);
}

TEST(ExpectedReport, IsAtTheLineThatItsTraceLeadsTo) {
  const std::vector<ExpectedReport> expected = {{{"oops-null"}, "", "*p = 1", false, {}}};
  auto oops = report("oops-null");
  oops.trace = {frame("memset"), frame("helper", "", 12), frame("fill", "\t*p = 1;", 20), frame("init", "fill();", 30)};
  EXPECT_EQ(story(expected).judge({oops}).status, TestStatus::passed);
  const auto wrong = story({{{"oops-null"}, "", "fill()", false, {}}}).judge({oops});
  EXPECT_EQ(wrong.status, TestStatus::crashed) << "the caller's line is another";
  EXPECT_EQ(wrong.report_checks[0].seen, "oops-null in fill at lab.c:20 \"*p = 1;\"");
  EXPECT_EQ(wrong.report_checks[0].expected, "a kernel report: oops-null at \"fill()\"");
}

TEST(ExpectedReport, DoesNotExcuseAFailedStep) {
  Story made = story({{{"warning"}, "", "", false, {}}});
  made.evidence.steps[0].error_number = 22;
  const auto result = made.judge({report("warning")});
  EXPECT_EQ(result.status, TestStatus::failed);
  EXPECT_TRUE(result.message.starts_with("step 1, load lab: ")) << result.message;
}

struct End {
  StepEnd expected;
  Ending seen;
  TestStatus status;
};

class StepEndTest : public testing::TestWithParam<End> {};

TEST_P(StepEndTest, IsJudged) {
  Story made = story({});
  made.test.steps[0].ends = GetParam().expected;
  made.evidence.steps[0].ending = GetParam().seen;
  made.evidence.steps[0].killed_by = 9;
  const auto result = made.judge();
  EXPECT_EQ(result.status, GetParam().status) << result.message;
  EXPECT_EQ(result.steps[0].status, GetParam().status == TestStatus::passed ? StepStatus::passed : StepStatus::failed);
  EXPECT_EQ(ended_as_expected(made.test.steps[0], made.evidence.steps[0]), GetParam().status == TestStatus::passed);
}

INSTANTIATE_TEST_SUITE_P(all, StepEndTest,
                         testing::Values(End{StepEnd::completes, Ending::completed, TestStatus::passed},
                                         End{StepEnd::killed, Ending::killed, TestStatus::passed},
                                         End{StepEnd::hangs, Ending::timed_out, TestStatus::passed},
                                         End{StepEnd::dies, Ending::guest_ended, TestStatus::passed},
                                         End{StepEnd::killed, Ending::completed, TestStatus::failed},
                                         End{StepEnd::hangs, Ending::completed, TestStatus::failed},
                                         End{StepEnd::dies, Ending::completed, TestStatus::failed},
                                         End{StepEnd::killed, Ending::timed_out, TestStatus::timeout},
                                         End{StepEnd::dies, Ending::timed_out, TestStatus::timeout},
                                         End{StepEnd::hangs, Ending::killed, TestStatus::crashed},
                                         End{StepEnd::hangs, Ending::guest_ended, TestStatus::crashed},
                                         End{StepEnd::dies, Ending::killed, TestStatus::crashed},
                                         End{StepEnd::dies, Ending::flooded, TestStatus::crashed},
                                         End{StepEnd::dies, Ending::tampered, TestStatus::tampered}));

TEST(StepEndMessage, SaysWhatWasExpectedAndSeen) {
  Story made = story({});
  made.test.steps[0].ends = StepEnd::dies;
  EXPECT_EQ(made.judge().message, "step 1, load lab: expected the machine to go down, saw completed");
  made.evidence.steps[0].error_number = 22;
  EXPECT_EQ(made.judge().message, "step 1, load lab: expected the machine to go down, saw failure with EINVAL");
}

TEST(StepEndMessage, AProgramThatHangsIsEndedAtItsLimit) {
  Story made;
  made.step(RunStep{{"cat"}, {}, {}, false, {}, {}, {}, {}, 0, 0, 0, {}, {}, {}},
            [](Observation& seen) { seen.ending = Ending::timed_out, seen.program_timed_out = true; });
  EXPECT_EQ(made.judge().status, TestStatus::timeout);
  made.test.steps[0].ends = StepEnd::hangs;
  EXPECT_EQ(made.judge().status, TestStatus::passed);
}

}  // namespace
}  // namespace labctl
