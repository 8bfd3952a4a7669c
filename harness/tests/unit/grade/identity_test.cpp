#include "grade/identity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grade/gradebook.hpp"

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Lab lab(const std::string& text, std::vector<int> lines) {
  Lab made;
  made.id = "lab";
  made.text = text;
  for (const int line : lines) {
    Test test;
    test.name = "t" + std::to_string(line);
    test.where.line = line;
    made.tests.push_back(test);
  }
  return made;
}

const std::string spec = "lab: x\ntests:\n  - name: a\n    points: 1\n  # of b\n  - name: b\n    points: 2\n";

TEST(TestTexts, AreEachTestsOwnAndWhatAllShare) {
  EXPECT_THAT(test_texts(lab(spec, {3, 6})), ElementsAre("lab: x\ntests:\n  - name: a\n    points: 1\n  # of b\n",
                                                         "lab: x\ntests:\n  - name: b\n    points: 2\n"));
}

TEST(TestTexts, OfASpecThatGoesOnBehindTheTestsAreTheWhole) {
  EXPECT_THAT(test_texts(lab(spec + "modules: []\n", {3, 6})), testing::Each(HasSubstr("modules")));
  auto needing = lab(spec, {3, 6});
  needing.tests[1].needs = {"a"};
  EXPECT_THAT(test_texts(needing), testing::Each(HasSubstr("points: 1")));
  EXPECT_THAT(test_texts(lab(spec, {6, 3})), testing::Each(HasSubstr("points: 1")));
}

TEST(TestKeys, ChangeWithWhatTheResultDependsOn) {
  Grading grading;
  grading.kernels = {{"6.1", "6.1.9", "debug", "key"}};
  const auto before = test_keys(lab(spec, {3, 6}), grading, "files");
  ASSERT_THAT(before, SizeIs(2));
  EXPECT_NE(before[0], before[1]);
  const auto other = test_keys(lab(spec + "    hint: x\n", {3, 6}), grading, "files");
  EXPECT_EQ(other[0], before[0]) << "the other test's text";
  EXPECT_NE(other[1], before[1]);
  EXPECT_NE(test_keys(lab(spec, {3, 6}), grading, "others")[0], before[0]);
  grading.kernels[0].key = "another";
  EXPECT_NE(test_keys(lab(spec, {3, 6}), grading, "files")[0], before[0]);
}

TEST(WhatDiffers, IsSaidInWords) {
  Grading a;
  EXPECT_EQ(what_differs(a, a), "");
  auto b = a;
  b.spec = "x";
  EXPECT_EQ(what_differs(a, b), "the lab has changed since");
  EXPECT_NE(common_digest(a), common_digest(b));
}

GradeRow row(const std::string& id, int earned, GradeState state) {
  GradeRow made;
  made.student.id = id;
  made.student.state = state;
  made.student.tests = {
      {"reads", earned == 3 ? TestStatus::passed : TestStatus::failed, 3, earned, false, "", "", "", ""}};
  made.score.hundredths = earned * 100;
  return made;
}

TEST(Changes, SayWhoWhatAndWhy) {
  const auto changes = grade_changes(
      {row("ada", 3, GradeState::passed), row("bo", 0, GradeState::failed), row("gone", 3, GradeState::passed)},
      {row("ada", 0, GradeState::failed), row("bo", 0, GradeState::failed), row("new", 3, GradeState::passed)});
  EXPECT_EQ(changes_csv(changes),
            "id,name,before,after,why\n"
            "ada,,3,0,\"reads: passed, 3 of 3 -> failed, 0 of 3\"\n"
            "gone,,3,,\"reads: passed, 3 of 3 -> not there\"\n"
            "new,,,3,\"reads: not there -> passed, 3 of 3\"\n");
  const std::vector<GradeRow> same = {row("ada", 3, GradeState::passed)};
  EXPECT_THAT(grade_changes(same, same), IsEmpty());
}

}  // namespace
}  // namespace labctl
