// What stands in ${...}.
#include <gmock/gmock.h>

#include "values/values.hpp"

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Values values = {{"n", "7"},       {"neg", "-3"}, {"list", "10,9,-2,9"},          {"words", "b,a,c"},
                       {"word", "stop"}, {"empty", ""}, {"max", "9223372036854775807"}, {"hexa", "0x1f"}};

std::string result(const std::string& expression) {
  const auto expanded = expand("${" + expression + "}", values);
  return expanded ? *expanded : "error: " + expanded.error().message;
}

TEST(Expression, of_names_and_numbers) {
  EXPECT_EQ(result("n"), "7");
  EXPECT_EQ(result(" word "), "stop");
  EXPECT_EQ(result("0x10 + 0"), "16");
  EXPECT_EQ(result("hexa + 1"), "32");
  EXPECT_EQ(result("empty"), "");
}

TEST(Expression, has_the_precedence_of_arithmetic) {
  EXPECT_EQ(result("1 + 2 * 3"), "7");
  EXPECT_EQ(result("(1 + 2) * 3"), "9");
  EXPECT_EQ(result("10 - 3 - 2"), "5");
  EXPECT_EQ(result("100 / 10 / 2"), "5");
  EXPECT_EQ(result("2 * 7 % 4"), "2");
  EXPECT_EQ(result("-n + 1"), "-6");
  EXPECT_EQ(result("--n"), "7");
  EXPECT_EQ(result("2 * -n"), "-14");
  EXPECT_EQ(result("n - neg"), "10");
}

TEST(Expression, divides_towards_zero) {
  EXPECT_EQ(result("neg / 2"), "-1");
  EXPECT_EQ(result("neg % 2"), "-1");
  EXPECT_EQ(result("7 / 2"), "3");
}

TEST(Expression, says_what_cannot_be_computed) {
  EXPECT_THAT(result("n / 0"), HasSubstr("a division by zero"));
  EXPECT_THAT(result("n % (n - n)"), HasSubstr("a division by zero"));
  EXPECT_THAT(result("max + 1"), HasSubstr("9223372036854775807 + 1 is beyond 64 bits"));
  EXPECT_THAT(result("max * 2"), HasSubstr("beyond 64 bits"));
  EXPECT_THAT(result("(-max - 1) - 1"), HasSubstr("beyond 64 bits"));
  EXPECT_THAT(result("(-max - 1) / -1"), HasSubstr("beyond 64 bits"));
  EXPECT_THAT(result("word + 1"), HasSubstr("what is left of + is \"stop\", which is no whole number"));
  EXPECT_THAT(result("1 + empty"), HasSubstr("what is right of + is \"\""));
  EXPECT_THAT(result("none"), HasSubstr("none has no value"));
  EXPECT_THAT(result("sum(words)"), HasSubstr("an item of sum() is \"b\""));
  EXPECT_THAT(result("max(empty)"), HasSubstr("max() of nothing"));
  EXPECT_EQ(expand("${n / 0}", values).error().fault, Fault::module);
}

TEST(Expression, that_cannot_be_read) {
  for (const char* bad : {"", "1 +", "(1", "1)", "1 2", "+ 1", "nothing()", "sum(", "sum()", "1x", "0x", "n n", "n.x",
                          "99999999999999999999"}) {
    const auto expanded = expand("${" + std::string(bad) + "}", values);
    ASSERT_FALSE(expanded) << bad;
    EXPECT_EQ(expanded.error().fault, Fault::usage) << bad;
  }
  EXPECT_FALSE(expand("${" + std::string(200, '(') + "1" + std::string(200, ')') + "}", values));
}

TEST(Expression, has_functions) {
  EXPECT_EQ(result("count(list)"), "4");
  EXPECT_EQ(result("count(empty)"), "0");
  EXPECT_EQ(result("sum(list)"), "26");
  EXPECT_EQ(result("sum(empty)"), "0");
  EXPECT_EQ(result("min(list)"), "-2");
  EXPECT_EQ(result("max(list)"), "10");
  EXPECT_EQ(result("sorted(list)"), "-2,9,9,10");
  EXPECT_EQ(result("reversed(words)"), "c,a,b");
  EXPECT_EQ(result("reversed(sorted(list))"), "10,9,9,-2");
  EXPECT_EQ(result("lines(words)"), "b\na\nc");
  EXPECT_EQ(result("length(word)"), "4");
  EXPECT_EQ(result("upper(word)"), "STOP");
  EXPECT_EQ(result("hex(255)"), "ff");
  EXPECT_EQ(result("hex(-1)"), "ffffffffffffffff");
  EXPECT_EQ(result("sum(list) - count(list) * 2"), "18");
}

// A function and a value may have one name: brackets tell them apart.
TEST(Expression, tells_functions_from_values) {
  EXPECT_EQ(result("max"), "9223372036854775807");
  EXPECT_EQ(result("max(list)"), "10");
}

TEST(Expansion, of_texts) {
  EXPECT_EQ(expand("a ${n} b ${n + 1}", values).value(), "a 7 b 8");
  EXPECT_EQ(expand("$n $1 $$ $", values).value(), "$n $1 $$ $");
  EXPECT_EQ(expand("$${n} ${n}", values).value(), "${n} 7");
  EXPECT_EQ(expand("", values).value(), "");
  EXPECT_FALSE(expand("${n", values));
  std::string long_text;
  for (int i = 0; i < 100; ++i)
    long_text += "${big}";
  EXPECT_FALSE(expand(long_text, {{"big", std::string(1 << 20, 'x')}}));
}

TEST(Expansion, is_not_done_twice) {
  EXPECT_EQ(expand("${a}", {{"a", "${b}"}, {"b", "x"}}).value(), "${b}");
}

TEST(Uses, of_names) {
  EXPECT_THAT(used_in("${a} ${b + sum(c)}").names, ElementsAre("a", "b", "c"));
  EXPECT_TRUE(used_in("${1}").any);
  EXPECT_FALSE(used_in("$${a} $b").any);
  EXPECT_EQ(used_in("${a}").fault, "");
  EXPECT_NE(used_in("${a +}").fault, "");
}

}  // namespace
}  // namespace labctl
