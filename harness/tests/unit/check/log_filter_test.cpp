#include "log_filter.hpp"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <random>

#include "text_check.hpp"

namespace labctl {
namespace {

const std::string log = "mod: Record 7: page 0xff\nmod: bye\n";

TEST(LogFilter, KnowsWhatMatchesNowhere) {
  const LogFilter filter(log);
  EXPECT_FALSE(filter.may_match("record [0-9]+: nothing"));
  EXPECT_FALSE(filter.may_match("absent|missing"));
  EXPECT_FALSE(filter.may_match("(?i)ABSENT \\d"));
}

TEST(LogFilter, LetsPassWhatMatches) {
  const LogFilter filter(log);
  for (const char* expression : {"Record \\d+", "(?i)rECORD", "absent|page 0x", "^mod: (hello|bye)$", "\\d", ".", "a?",
                                 "\\x{52}ecord", "[Rr]ecord 7", "(?s)Record.*bye"})
    EXPECT_TRUE(filter.may_match(expression)) << expression;
}

TEST(LogFilter, LetsPassWhatItDoesNotUnderstand) {
  EXPECT_TRUE(LogFilter(log).may_match("(unclosed"));
  EXPECT_TRUE(LogFilter("").may_match("x*"));
  // The Kelvin sign is a K in any case.
  EXPECT_TRUE(LogFilter("300 \u212Aelvin").may_match("(?i)300 kelvin"));
  EXPECT_TRUE(LogFilter("\xff\xfe").may_match("record"));
}

// The filter may only ever withhold what does not match: tried with expressions put together at random, of parts that
// often match the lines, which are of the same parts.
TEST(LogFilter, NeverWithholdsAMatch) {
  const std::vector<std::string> words = {"alpha", "Beta", "gamma 12", "0xff", "de-lta", "zz"};
  const std::vector<std::string> shapes = {"{}",       "({}|none)", "(?i:{})", "({})?", "({})+",
                                           "[a-z]*{}", "{}\\d*",    "(?:{}) ", "^{}",   ".{{0,3}}{}"};
  std::mt19937 random(20);
  const auto pick = [&random](const std::vector<std::string>& of) { return of[random() % of.size()]; };
  int matched = 0, withheld = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string line, expression;
    for (int i = 0; i < 6; ++i)
      line += pick(words) + " ";
    for (int i = 0; i < 2; ++i) {
      std::string part = pick(shapes);
      part.replace(part.find("{}"), 2, pick(words));
      for (std::size_t at = part.find("{{"); at != std::string::npos; at = part.find("{{"))
        part.replace(at, 2, "{").replace(part.find("}}"), 2, "}");
      expression += part + (random() % 2 == 0 ? ".*" : " ?");
    }
    const bool matches = found(compile(expression), line);
    const bool may_match = LogFilter(line).may_match(expression);
    ASSERT_TRUE(may_match || !matches) << expression << " in " << line;
    matched += matches ? 1 : 0;
    withheld += may_match ? 0 : 1;
  }
  EXPECT_GT(matched, 100);
  EXPECT_GT(withheld, 100);
}

}  // namespace
}  // namespace labctl
