#include "grade/exports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <nlohmann/json.hpp>

#include "intake/csv.hpp"

namespace labctl {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Rows = std::vector<CsvRow>;

GradeRow row(const std::string& id, int hundredths) {
  GradeRow made;
  made.student.id = id;
  made.student.state = GradeState::failed;
  made.student.tests = {
      {"reads", TestStatus::passed, 3, 3, false, "hint", "", "", ""},
      {"writes", TestStatus::crashed, 4, 0, false, "look at write()", "the kernel\x1b[31m", "", "::error::x"},
      {"secret", TestStatus::failed, 8, 0, true, "the secret's hint", "it failed", "", "the secret's details"}};
  made.score.possible = 15;
  made.score.raw = 3;
  made.score.hundredths = hundredths;
  return made;
}

TEST(Gradescope, HasWhatAStudentMaySee) {
  const auto result = json::parse(gradescope_json(row("ada", 250)));
  EXPECT_EQ(result.at("score"), 2.5);
  ASSERT_EQ(result.at("tests").size(), 3U);
  const json& writes = result.at("tests").at(1);
  EXPECT_EQ(writes.at("score"), 0);
  EXPECT_EQ(writes.at("max_score"), 4);
  EXPECT_EQ(writes.at("status"), "failed");
  EXPECT_THAT(writes.at("output").get<std::string>(), HasSubstr("look at write()"));
  EXPECT_THAT(writes.at("output").get<std::string>(), testing::Not(HasSubstr("\x1b")));
  EXPECT_THAT(result.at("tests").at(2).dump(), testing::Not(HasSubstr("the secret's")));
  for (const auto& test : result.at("tests"))
    EXPECT_EQ(test.at("visibility"), "visible");
}

TEST(GithubClassroom, IsOneLineThatNoGuestCanWriteInto) {
  const auto line = github_output(row("ada", 300));
  ASSERT_THAT(line, testing::StartsWith("result="));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  std::string coded = line.substr(7, line.size() - 8), bytes(coded.size(), '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(coded.data()), static_cast<int>(coded.size()));
  ASSERT_GT(size, 0);
  const auto result = json::parse(bytes.substr(0, bytes.rfind('}') + 1));
  EXPECT_EQ(result.at("version"), 1);
  EXPECT_EQ(result.at("status"), "fail");
  EXPECT_EQ(result.at("max_score"), 15);
  EXPECT_EQ(result.at("tests").at(0).at("status"), "pass");
}

constexpr const char* canvas =
    "Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (77),Lab 2 (78),Final Score\n"
    ",,,,,Manual Posting,,\n"
    "    Points Possible,,,,,15,15,(read only)\n"
    "\"Lovelace, Ada\",11,s1,ada,A,4,9,80\n"
    "\"Ng, Bo\",12,s2,bo,A,5,,70\n"
    "\"Day, Eve\",13,s3,eve,A,6,8,60\n";

TEST(Canvas, FillsOneColumnAndLeavesTheOthersOut) {
  auto owed = row("13", 0);
  owed.score.graded = false;
  const auto filled = fill_canvas(canvas, "g.csv", "Lab 2", {row("11", 1250), row("12", 300), owed, row("zed", 0)});
  ASSERT_TRUE(filled) << filled.error().message;
  EXPECT_EQ(parse_csv(filled->csv, "x").value(),
            (Rows{{"Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lab 2 (78)"},
                  {"", "", "", "", "", ""},
                  {"    Points Possible", "", "", "", "", "15"},
                  {"Lovelace, Ada", "11", "s1", "ada", "A", "12.50"},
                  {"Ng, Bo", "12", "s2", "bo", "A", "3"}}));
  EXPECT_THAT(filled->unknown, ElementsAre("zed"));
}

TEST(Canvas, FindsEverybodyByOneColumn) {
  // Bo's login is Ada's number: nobody gets another's grade.
  const std::string mixed =
      "Student,ID,SIS User ID,SIS Login ID,Section,L\nAda,11,s1,ada,A,\nBo,12,s2,11,A,\nEve,13,s3,eve,A,\n";
  const auto filled = fill_canvas(mixed, "g.csv", "L", {row("11", 100), row("13", 200)});
  ASSERT_TRUE(filled);
  EXPECT_THAT(filled->csv, testing::Not(HasSubstr("Bo")));
  const auto by_login = fill_canvas(canvas, "g.csv", "Lab 2", {row("ada", 100), row("bo", 200)});
  ASSERT_TRUE(by_login);
  EXPECT_THAT(by_login->unknown, IsEmpty());
}

TEST(GithubClassroom, AddsUpToWhatCounts) {
  const auto sum_of = [](GradeRow one) {
    const std::string line = github_output(one);
    std::string coded = line.substr(7, line.size() - 8), bytes(coded.size(), '\0');
    EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                    reinterpret_cast<const unsigned char*>(coded.data()), static_cast<int>(coded.size()));
    double sum = 0;
    const auto result = json::parse(bytes.substr(0, bytes.rfind('}') + 1));
    for (const auto& test : result.at("tests"))
      sum += test.at("score").get<double>();
    return sum;
  };
  EXPECT_EQ(sum_of(row("ada", 300)), 3);
  EXPECT_EQ(sum_of(row("ada", 150)), 1.5) << "late";
  EXPECT_EQ(sum_of(row("ada", 900)), 9) << "given by hand";
}

TEST(Canvas, SaysWhichColumnsThereAre) {
  EXPECT_THAT(fill_canvas(canvas, "g.csv", "Lab 3", {}).error().hint, HasSubstr("Lab 1 (77), Lab 2 (78)"));
  EXPECT_THAT(fill_canvas("a,b\n", "g.csv", "Lab 3", {}).error().message, HasSubstr("no gradebook of Canvas"));
}

constexpr const char* moodle =
    "Identifier,Full name,Status,Grade,Maximum Grade,Last modified (grade),Feedback comments\n"
    "Participant 101,Ada,Submitted,,15.00,-,\n"
    "Participant 102,\"Bo, Ng\",Submitted,7.00,15.00,\"Friday, 20 November\",good\n"
    "Participant 103,Eve,No submission,,15.00,-,\n";

TEST(Moodle, FillsInGradesAndLeavesTheRestAsItIs) {
  auto owed = row("102", 0);
  owed.score.graded = false;
  const auto filled = fill_moodle(moodle, "w.csv", {row("101", 1250), owed, row("999", 100)});
  ASSERT_TRUE(filled) << filled.error().message;
  auto expected = parse_csv(moodle, "x").value();
  expected[1][3] = "12.50";
  EXPECT_EQ(parse_csv(filled->csv, "x").value(), expected);
  EXPECT_THAT(filled->unknown, ElementsAre("999"));
}

TEST(Moodle, RefusesAMaximumThatIsNotTheLabs) {
  auto other = row("101", 100);
  other.score.possible = 10;
  EXPECT_THAT(fill_moodle(moodle, "w.csv", {other}).error().message,
              HasSubstr("maximum grade is 15.00, the lab has 10"));
  EXPECT_THAT(fill_moodle("a,b\n", "w.csv", {}).error().message, HasSubstr("no grading worksheet"));
}

}  // namespace
}  // namespace labctl
