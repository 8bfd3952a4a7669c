// Text expectations, as a read step meets them.
#include <gtest/gtest.h>

#include "making.hpp"
#include "nearest_lines.hpp"

namespace labctl {
namespace {

using namespace making;

std::vector<CheckResult> read(const TextExpectation& expect, const std::string& data, bool truncated = false) {
  ReadStep step;
  step.file = "/proc/counter";
  step.expect = expect;
  return Story()
      .step(step,
            [&](Observation& seen) {
              seen.data = data;
              seen.truncated = truncated;
            })
      .checks();
}

TextExpectation equals(const std::string& text) {
  TextExpectation expect;
  expect.equals = text;
  return expect;
}

TextExpectation contains(const std::string& text) {
  TextExpectation expect;
  expect.contains = {text};
  return expect;
}

TextExpectation lacks(const std::string& text) {
  TextExpectation expect;
  expect.lacks = {text};
  return expect;
}

TextExpectation matches(const std::string& text) {
  TextExpectation expect;
  expect.matches = {text};
  return expect;
}

TextExpectation lines(std::int64_t count) {
  TextExpectation expect;
  expect.lines = count;
  return expect;
}

struct Case {
  TextExpectation expect;
  std::string text;
  bool passes;
};

class TextCheck : public testing::TestWithParam<Case> {};

TEST_P(TextCheck, Judges) {
  const auto checks = read(GetParam().expect, GetParam().text);
  ASSERT_EQ(checks.size(), 2U);  // that the read succeeds, and the expectation
  EXPECT_TRUE(checks[0].passed);
  EXPECT_EQ(checks[1].passed, GetParam().passes) << checks[1].what;
  EXPECT_FALSE(checks[1].what.empty());
  // What was expected and seen is there exactly when it failed.
  EXPECT_EQ(checks[1].expected.empty(), GetParam().passes);
  EXPECT_EQ(checks[1].seen.empty(), GetParam().passes);
}

INSTANTIATE_TEST_SUITE_P(
    Check, TextCheck,
    testing::Values(Case{equals("2"), "2", true}, Case{equals("2"), "2\n", true}, Case{equals("2\n"), "2", true},
                    Case{equals("2\n"), "2\n", true}, Case{equals(""), "", true}, Case{equals(""), "\n", true},
                    Case{equals("a\nb"), "a\nb\n", true}, Case{equals("2"), "1", false}, Case{equals("2"), "", false},
                    Case{equals("2"), "2\n\n", false}, Case{equals("2"), " 2", false}, Case{equals("2"), "2 ", false},
                    Case{equals("2"), "2\r\n", false}, Case{equals(""), "x", false}, Case{equals(""), "\n\n", false},
                    Case{equals("a\nb"), "a\n\nb", false}, Case{equals("2"), std::string("2\0", 2), false},
                    Case{contains("b"), "abc", true}, Case{contains("b\nc"), "a\nb\nc", true},
                    Case{contains(""), "", true}, Case{contains("b"), "ABC", false}, Case{contains("b"), "", false},
                    Case{contains("abcd"), "abc", false}, Case{contains("x"), std::string("a\0x", 3), true},
                    Case{lacks("b"), "ac", true}, Case{lacks("b"), "", true}, Case{lacks("b"), "abc", false},
                    Case{lacks("c"), "a\nb\nc", false}, Case{matches("^[0-9]+\n$"), "42\n", true},
                    Case{matches("(?m)^b$"), "a\nb\nc", true}, Case{matches("^b$"), "a\nb\nc", false},
                    Case{matches("x*"), "", true}, Case{matches("[0-9]"), "none", false},
                    Case{matches("("), "(", false}, Case{lines(0), "", true}, Case{lines(1), "a", true},
                    Case{lines(1), "a\n", true}, Case{lines(2), "a\nb", true}, Case{lines(2), "a\n\n", true},
                    Case{lines(1), "", false}, Case{lines(1), "a\nb", false}, Case{lines(0), "a", false}));

TEST(TextCheckMessage, ShowsShortTextsWhole) {
  const auto failed = failure(read(equals("2"), "1\n"));
  EXPECT_EQ(failed.expected, "\"2\"");
  EXPECT_EQ(failed.seen, "\"1\"");
  EXPECT_EQ(failure(read(equals("2"), "")).seen, "nothing");
}

TEST(TextCheckMessage, PointsAtTheFirstLineThatDiffers) {
  const auto failed = failure(read(equals("one\ntwo\nthree\nfour\n"), "one\ntwo\nthere\nfour\n"));
  EXPECT_EQ(failed.expected, "line 3: \"three\"\n   1 | one\n   2 | two\n   3 | three\n   4 | four");
  EXPECT_EQ(failed.seen, "line 3: \"there\"\n   1 | one\n   2 | two\n   3 | there\n   4 | four");
}

TEST(TextCheckMessage, SaysWhereATextEnds) {
  auto failed = failure(read(equals("one\ntwo"), "one"));
  EXPECT_TRUE(failed.expected.starts_with("line 2: \"two\"")) << failed.expected;
  EXPECT_EQ(failed.seen, "the end of the text after line 1");
  failed = failure(read(equals("one"), "one\ntwo"));
  EXPECT_EQ(failed.expected, "the end of the text after line 1");
  EXPECT_TRUE(failed.seen.starts_with("line 2: \"two\"")) << failed.seen;
  failed = failure(read(equals("one\ntwo"), ""));
  EXPECT_EQ(failed.seen, "nothing");
}

TEST(TextCheckMessage, ShowsALongLineFromWhereItDiffers) {
  std::string wanted(5000, 'x');
  std::string got = wanted;
  got[3000] = 'y';
  const auto failed = failure(read(equals(wanted), got));
  EXPECT_TRUE(failed.seen.starts_with("line 1, from byte 2961 of 5000: \"")) << failed.seen;
  EXPECT_NE(failed.seen.find('y'), std::string::npos);
  EXPECT_LT(failed.seen.size(), 400U);
}

TEST(TextCheckMessage, IsBoundedAndPrintable) {
  const std::string hostile = "\x1b[2J" + std::string(1'000'000, '\xff') + std::string(100'000, '\n');
  for (const auto& expect : {equals("2"), contains("zz"), matches("zz"), lacks("\xff\xff"), lines(7)}) {
    const auto failed = failure(read(expect, hostile));
    EXPECT_FALSE(failed.seen.empty());
    EXPECT_LT(failed.seen.size(), 10'000U);
    EXPECT_EQ(failed.seen.find('\x1b'), std::string::npos);
  }
}

// 100 lines "entry N: state", of which one is another.
std::string long_text() {
  std::string text;
  for (int i = 1; i <= 100; ++i)
    text += i == 60 ? "MemFree: 1234 MB\n" : "entry " + std::to_string(i) + ": idle\n";
  return text;
}

TEST(TextCheckMessage, ShowsTheLinesOfALongTextThatAreMostAlike) {
  EXPECT_EQ(failure(read(contains("MemFree: 1234 kB"), long_text())).seen,
            "100 lines, of which this is most like it\n  60 | MemFree: 1234 MB");
  EXPECT_EQ(failure(read(matches("(?m)^MemFree:\\s+[0-9]+ kB$"), long_text())).seen,
            "100 lines, of which this is most like it\n  60 | MemFree: 1234 MB");
  const auto three = failure(read(contains("entry 77: busy"), long_text())).seen;
  EXPECT_TRUE(three.starts_with("100 lines, of which these 3 are most like it\n")) << three;
  EXPECT_NE(three.find("\n  77 | entry 77: idle"), std::string::npos) << three;
}

TEST(TextCheckMessage, ShowsTheEndOfALongTextThatHasNothingLikeIt) {
  for (const auto& expect : {contains("zzz"), matches("zzz"), matches("\\d{5}")}) {
    const auto seen = failure(read(expect, long_text())).seen;
    EXPECT_TRUE(seen.starts_with("100 lines, of which the last 8\n  93 | entry 93: idle\n")) << seen;
    EXPECT_TRUE(seen.ends_with("\n 100 | entry 100: idle")) << seen;
  }
}

TEST(LiteralParts, AreWhatAnExpressionSaysPlainly) {
  using Parts = std::vector<std::string>;
  EXPECT_EQ(literal_parts("^MemTotal:\\s+(\\d+) kB$"), (Parts{"MemTotal:", " kB"}));
  EXPECT_EQ(literal_parts("(?m)^a\\.b[xy]+colou?r{2,3}end"), (Parts{"a.b", "colo", "end"}));
  EXPECT_EQ(literal_parts("(?:one|two)\\b"), (Parts{"one", "two"}));
  EXPECT_EQ(literal_parts("ab*c"), (Parts{"a", "c"}));
  EXPECT_TRUE(literal_parts("").empty());
  for (const char* broken : {"(", "[", "\\", "{", "(?", "[]", "a{"})
    literal_parts(broken);
}

TEST(TextCheckMessage, TellsOfALetterCaseSlip) {
  EXPECT_EQ(failure(read(contains("hello"), "Hello\n")).seen, "it with other upper or lower case: \"Hello\\n\"");
}

TEST(TextCheckMessage, LacksShowsTheLine) {
  EXPECT_EQ(failure(read(lacks("bad"), "one\ntwo bad things\nthree")).seen, "it in line 2: \"two bad things\"");
}

// A cut text satisfies only what the missing part could not undo.
TEST(TruncatedText, ProvesLittle) {
  EXPECT_TRUE(all_passed(read(contains("b"), "abc", true)));
  EXPECT_TRUE(all_passed(read(matches("b"), "abc", true)));
  EXPECT_FALSE(all_passed(read(equals("abc"), "abc", true)));
  EXPECT_FALSE(all_passed(read(lacks("x"), "abc", true)));
  EXPECT_FALSE(all_passed(read(lines(1), "abc", true)));
  EXPECT_FALSE(all_passed(read(matches("c$"), "abc", true)));
  EXPECT_FALSE(all_passed(read(matches("c\\z"), "abc", true)));
  EXPECT_FALSE(all_passed(read(matches("^[a-z]*$"), "abc", true)));
  EXPECT_FALSE(all_passed(read(contains("x"), "abc", true)));
  EXPECT_NE(failure(read(lacks("x"), "abc", true)).seen.find("cut"), std::string::npos);
}

TEST(TextCheck, EveryExpectationIsACheck) {
  TextExpectation expect = equals("a");
  expect.contains = {"a", "b"};
  expect.lacks = {"c"};
  expect.matches = {"a"};
  expect.lines = 1;
  EXPECT_EQ(read(expect, "a").size(), 7U);
}

TEST(TextCheck, HostileTextsAreLinear) {
  const std::string text(1'000'000, 'a');
  EXPECT_FALSE(all_passed(read(contains(std::string(50'000, 'a') + "b"), text)));
  EXPECT_FALSE(all_passed(read(matches("(a+)+$b"), text)));
  EXPECT_FALSE(all_passed(read(matches("(.|\n)*z"), text)));
}

}  // namespace
}  // namespace labctl
