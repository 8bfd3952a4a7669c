#include "intake/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "intake/roster.hpp"
#include "support/files.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Rows = std::vector<CsvRow>;

Rows parsed(const std::string& text) {
  const auto rows = parse_csv(text, "x.csv");
  return rows ? *rows : Rows{{"error: " + rows.error().message}};
}

TEST(Csv, ReadsWhatSpreadsheetsWrite) {
  EXPECT_EQ(parsed("a,b\r\n1,\"x, \"\"y\"\"\r\nz\"\r\n"), (Rows{{"a", "b"}, {"1", "x, \"y\"\r\nz"}}));
  EXPECT_EQ(parsed("\xef\xbb\xbf"
                   "id;name\n1;A,B\n"),
            (Rows{{"id", "name"}, {"1", "A,B"}}));
  EXPECT_EQ(parsed("a,\n\n,b"), (Rows{{"a", ""}, {"", "b"}}));
  EXPECT_EQ(parsed("a\"b,c\n")[0][0].substr(0, 6), "error:");
  EXPECT_EQ(parsed("\"a,c\n")[0][0].substr(0, 6), "error:");
}

TEST(Csv, WhatItWritesItReads) {
  const Rows rows = {{"id", "note"}, {"ä", "a \"b\", c\nd"}, {"", "-3.5"}};
  EXPECT_EQ(parsed(write_csv(rows)), rows);
}

TEST(Csv, NoSpreadsheetTakesAFieldForAFormula) {
  EXPECT_EQ(write_csv({{"=cmd()", "+1+1", "-x", "@a", "\tb", "-12", "a=b", "-"}}),
            "'=cmd(),+1+1,'-x,'@a,'\tb,-12,a=b,'-\n");
}

class TestFolder : public test::TemporaryFolder {
 public:
  void put(const std::string& name, const std::string& text) const { ASSERT_TRUE(write_file(path() / name, text)); }
};

class RosterFile : public testing::Test {
 protected:
  std::string error(const std::string& text) {
    folder_.put("r.csv", text);
    const auto roster = read_roster(folder_.path() / "r.csv");
    return roster ? "none" : roster.error().message;
  }
  TestFolder folder_;
};

TEST_F(RosterFile, HasWhoIsInTheClass) {
  folder_.put("r.csv", "Name, ID ,E-mail,group,submitted\nAda,7, a@x ,1,2026-11-20T23:59:00+01:00\nБо,b,,2,\n");
  const auto roster = read_roster(folder_.path() / "r.csv");
  ASSERT_TRUE(roster) << roster.error().message;
  ASSERT_EQ(roster->size(), 2U);
  EXPECT_EQ(roster->at(0).id, "7");
  EXPECT_EQ(roster->at(0).email, "a@x");
  EXPECT_EQ(roster->at(0).submitted, parse_time("2026-11-20 22:59"));
  EXPECT_EQ(roster->at(1).name, "Бо");
  EXPECT_FALSE(roster->at(1).submitted);
}

TEST_F(RosterFile, SaysWhatIsWrong) {
  EXPECT_THAT(error("name\nx\n"), HasSubstr("has no column id"));
  EXPECT_THAT(error("id\na\nb\na\n"), HasSubstr("record 4: a second student with the id \"a\""));
  EXPECT_THAT(error("id,name\n,x\n"), HasSubstr("record 2: it has no id"));
  EXPECT_THAT(error("id,submitted\na,yesterday\n"), HasSubstr("\"yesterday\" is no time"));
  EXPECT_THAT(error(""), HasSubstr("is empty"));
}

TEST_F(RosterFile, OverridesHaveReasons) {
  folder_.put("o.csv", "id,test,points,reason\na,,5,ill\nb,reads,2,my fault\n");
  const auto overrides = read_overrides(folder_.path() / "o.csv");
  ASSERT_TRUE(overrides) << overrides.error().message;
  EXPECT_EQ(overrides->at(1).test, "reads");
  EXPECT_EQ(overrides->at(0).points, 5);
  for (const auto& [text, wrong] :
       std::vector<std::pair<std::string, std::string>>{{"a,,5,\n", "no reason"},
                                                        {"a,,many,x\n", "\"many\""},
                                                        {"a,,-1,x\n", "\"-1\""},
                                                        {"a,,99999999,x\n", "\"99999999\""},
                                                        {"a,,1,x\na,,2,y\n", "second line"}}) {
    folder_.put("o.csv", "id,test,points,reason\n" + text);
    const auto bad = read_overrides(folder_.path() / "o.csv");
    ASSERT_FALSE(bad) << text;
    EXPECT_THAT(bad.error().message, HasSubstr(wrong));
  }
}

TEST(Time, IsReadAsPeopleAndProgramsWriteIt) {
  using namespace std::chrono;
  EXPECT_EQ(parse_time("1970-01-02T00:00:01Z"), sys_seconds(seconds(86'401)));
  EXPECT_EQ(parse_time("1970-01-02 00:00"), sys_seconds(seconds(86'400)));
  EXPECT_EQ(parse_time("1970-01-01T01:00:00.25+0100"), sys_seconds(seconds(0)));
  EXPECT_EQ(parse_time("1969-12-31T23:00:00-01:00"), sys_seconds(seconds(0)));
  for (const auto* wrong :
       {"", "2026-13-01T00:00", "2026-02-30T00:00", "2026-11-20", "2026-11-20T24:00", "x2026-11-20T00:00"})
    EXPECT_FALSE(parse_time(wrong)) << wrong;
}

}  // namespace
}  // namespace labctl
