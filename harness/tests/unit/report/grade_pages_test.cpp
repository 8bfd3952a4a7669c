#include "report/grade_pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace labctl {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* evil = "</script><img src=x onerror=alert(1)>\x1b[31m";

Grading grading() {
  Grading made;
  made.lab = "lab";
  made.title = "A <b>lab</b>";
  made.spec = "0123456789abcdef";
  made.tests = {{"reads", TestStatus::not_run, 3, 0, false, "look at read()", "", "", ""},
                {"secret", TestStatus::not_run, 4, 0, true, "hint of the secret", "", "", ""}};
  return made;
}

GradeRow row() {
  GradeRow made;
  made.student.id = evil;
  made.name = evil;
  made.student.state = GradeState::failed;
  made.student.tests = grading().tests;
  made.student.tests[0].status = TestStatus::failed;
  made.student.tests[0].message = evil;
  made.student.tests[0].details = std::string("seen ") + evil;
  made.student.tests[0].diagnosis = evil;
  made.student.tests[1].status = TestStatus::failed;
  made.student.tests[1].message = "it failed";
  made.student.compiler = evil;
  made.student.files = {evil};
  made.score.possible = 7;
  return made;
}

// Nothing of a student's can be more than text: no element, and no escape of a terminal's either.
void expect_harmless(const std::string& page) {
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, Not(HasSubstr("<b>lab")));
}

TEST(StudentPage, ShowsWhatWasSeenAndWhatToLookAt) {
  const auto page = student_page(grading(), row());
  expect_harmless(page);
  EXPECT_THAT(page, HasSubstr("seen &lt;/script&gt;&lt;img"));
  EXPECT_THAT(page, HasSubstr("look at read()"));
  EXPECT_THAT(page, HasSubstr("0123456789ab"));
}

TEST(StudentPage, NamesHiddenTestsAndShowsNothingOfThem) {
  const auto page = student_page(grading(), row());
  EXPECT_THAT(page, HasSubstr("secret"));
  EXPECT_THAT(page, Not(HasSubstr("hint of the secret")));
}

TEST(StudentPage, SaysWhoseFaultItIsNot) {
  auto owed = row();
  owed.score.graded = false;
  EXPECT_THAT(student_page(grading(), owed), HasSubstr("not graded yet"));
  auto refused = row();
  refused.student.refusals = {"x.c is a link"};
  const auto page = student_page(grading(), refused);
  EXPECT_THAT(page, HasSubstr("<li>x.c is a link</li>"));
  EXPECT_THAT(page, Not(HasSubstr("<h2>Tests</h2>")));
}

TEST(StudentPage, TellsHowTheScoreCame) {
  auto late = row();
  late.score.raw = 6;
  late.score.days_late = 1;
  late.score.late_percent = 25;
  late.score.hundredths = 450;
  late.score.reasons = {"was ill"};
  const auto page = student_page(grading(), late);
  EXPECT_THAT(page, HasSubstr("4.50 <span class=\"dim\">of 7</span>"));
  EXPECT_THAT(page, HasSubstr("6 of 7 earned, less 25 % for 1 day late"));
  EXPECT_THAT(page, HasSubstr("Changed by your instructor: was ill"));
}

TEST(ClassPage, HoldsItsDataAsText) {
  const auto page = class_page(grading(), {row()}, {{evil, "students/x.html"}});
  expect_harmless(page);
  const std::string begin = "id=\"data\">";
  const auto at = page.find(begin) + begin.size();
  const auto data = nlohmann::json::parse(page.substr(at, page.find("</script>", at) - at));
  const auto& student = data.at("students").at(0);
  EXPECT_EQ(student.at("page"), "students/x.html");
  EXPECT_EQ(student.at("failed"), nlohmann::json({0, 1}));
  EXPECT_EQ(student.at("tests"), nlohmann::json({0, 0}));
  EXPECT_EQ(data.at("tests").at(1).at("points"), 4);
  EXPECT_EQ(data.at("faults").size(), 1U);
}

TEST(ClassPage, ListsApartWhatCouldNotBeJudged) {
  auto owed = row();
  owed.student.id = "ada";
  owed.score.graded = false;
  owed.student.state = GradeState::infrastructure_error;
  const auto page = class_page(grading(), {owed}, {});
  EXPECT_THAT(page, HasSubstr("<b>1 not graded</b>"));
  EXPECT_THAT(page, HasSubstr("\"score\":null"));
  EXPECT_THAT(class_page(grading(), {row()}, {}), Not(HasSubstr("not graded</b>"))) << "the control";
}

TEST(Pages, NeedNoNetwork) {
  for (const auto& page : {class_page(grading(), {row()}, {}), student_page(grading(), row())}) {
    EXPECT_THAT(page, Not(HasSubstr("http")));
    EXPECT_THAT(page, Not(HasSubstr("src=\"")));
  }
}

}  // namespace
}  // namespace labctl
