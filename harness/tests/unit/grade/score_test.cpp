#include "grade/score.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grade/gradebook.hpp"

namespace labctl {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::chrono::sys_seconds due{std::chrono::sys_days{std::chrono::year(2026) / 11 / 20}};

GradedTest test(const std::string& name, int earned, int points, TestStatus status = TestStatus::passed) {
  return {name, status, points, earned, false, "", "", "", ""};
}

GradedStudent student(const std::string& id = "ada") {
  GradedStudent one;
  one.id = id;
  one.state = GradeState::failed;
  one.tests = {test("reads", 3, 3), test("writes", 1, 4, TestStatus::failed)};
  return one;
}

GradeRow row() {
  GradeRow one;
  one.student = student();
  return one;
}

TEST(Score, IsWhatTheTestsEarned) {
  const auto score = final_score(student(), std::nullopt, {}, {});
  EXPECT_EQ(score.raw, 4);
  EXPECT_EQ(score.possible, 7);
  EXPECT_EQ(score.hundredths, 400);
  EXPECT_TRUE(score.graded);
}

TEST(Score, EachBegunDayTakesItsPart) {
  const LatePolicy policy{due, 10min, 15};
  const auto late_by = [&](std::chrono::seconds time) { return final_score(student(), due + time, policy, {}); };
  EXPECT_EQ(late_by(-1s).days_late, 0);
  EXPECT_EQ(late_by(10min).days_late, 0) << "grace";
  EXPECT_EQ(late_by(11min).days_late, 1);
  EXPECT_EQ(late_by(24h).days_late, 1);
  EXPECT_EQ(late_by(24h + 1s).days_late, 2);
  EXPECT_EQ(late_by(24h + 1s).hundredths, 280);
  EXPECT_EQ(late_by(24h * 30).hundredths, 0) << "never below nothing";
  EXPECT_EQ(late_by(24h * 30).late_percent, 100);
  EXPECT_EQ(final_score(student(), due + 48h, {}, {}).days_late, 0) << "nothing was due";
}

TEST(Score, ALearningPlatformsMarkIsOneDay) {
  auto marked = student();
  marked.late = true;
  EXPECT_EQ(final_score(marked, std::nullopt, {due, 0min, 10}, {}).days_late, 1);
  EXPECT_EQ(final_score(marked, due + 25h, {due, 0min, 10}, {}).days_late, 2) << "a time says more";
  EXPECT_EQ(final_score(marked, std::nullopt, {}, {}).days_late, 0);
}

TEST(Score, OverridesKeepTheRawScore) {
  const LatePolicy policy{due, 0min, 50};
  const auto of_test = final_score(student(), due + 1h, policy, {{"ada", "writes", 4, "the spec was wrong"}});
  EXPECT_EQ(of_test.raw, 4);
  EXPECT_EQ(of_test.hundredths, 350) << "7 points, less half";
  EXPECT_THAT(of_test.reasons, ElementsAre("writes: the spec was wrong"));
  const auto of_all = final_score(student(), due + 1h, policy, {{"ada", "", 6, "was ill"}});
  EXPECT_EQ(of_all.raw, 4);
  EXPECT_EQ(of_all.hundredths, 600);
  EXPECT_EQ(final_score(student(), std::nullopt, {}, {{"bo", "", 0, "x"}}).hundredths, 400) << "another's";
  EXPECT_EQ(final_score(student(), std::nullopt, {}, {{"ada", "reads", 99, "x"}}).hundredths, 400)
      << "no more than there are";
}

TEST(Score, WhatCouldNotBeJudgedIsNoScore) {
  auto owed = student();
  owed.state = GradeState::infrastructure_error;
  EXPECT_FALSE(final_score(owed, std::nullopt, {}, {}).graded);
  EXPECT_TRUE(final_score(owed, std::nullopt, {}, {{"ada", "", 5, "graded by hand"}}).graded);
}

TEST(Score, OverridesThatChangeNothingAreTold) {
  EXPECT_THAT(unused_overrides({row()}, {{"ada", "reads", 1, "x"}, {"ada", "", 1, "x"}}), IsEmpty());
  EXPECT_THAT(unused_overrides({row()}, {{"bo", "", 1, "x"}, {"ada", "flies", 1, "x"}}),
              ElementsAre("there is no student \"bo\"", "student \"ada\" has no test \"flies\""));
}

TEST(Gradebook, HasEverybody) {
  GradebookInputs inputs;
  inputs.students = {student("ada"), student("eve"), student("zed")};
  inputs.students[1].state = GradeState::infrastructure_error;
  inputs.students[1].message = "no machine";
  for (auto& one : inputs.students[1].tests)
    one.status = TestStatus::infrastructure_error;
  inputs.roster = {{"bo", "Bo \"x\", y", "b@x", {}}, {"ada", "=Ada", "", due + 30h}, {"eve", "Eve", "", {}}};
  inputs.late = {due, 0min, 10};
  const std::vector<GradedTest> tests = {test("reads", 0, 3), test("writes, a lot", 0, 4)};
  inputs.students[0].tests[1].name = inputs.students[2].tests[1].name = "writes, a lot";
  const auto rows = gradebook_rows(inputs, tests);
  EXPECT_EQ(gradebook_csv(rows, tests),
            "id,name,email,state,score,possible,raw,late %,note,reads,\"writes, a lot\"\n"
            "ada,'=Ada,,failed,3.20,7,4,20,2 days late,3,1\n"
            "bo,\"Bo \"\"x\"\", y\",b@x,missing,0,7,0,,nothing was handed in,0,0\n"
            "eve,Eve,,infrastructure-error,,7,,,no machine,,\n"
            "zed,,,failed,4,7,4,,not in the roster,3,1\n");
}

}  // namespace
}  // namespace labctl
