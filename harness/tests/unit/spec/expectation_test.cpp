// Which text checks can hold together, and which regular expressions say something.
#include "making.hpp"

namespace labctl {
namespace {

bool accepted(const std::string& expect) {
  return making::read(making::with_steps("  - read: /x\n    expect: " + expect)).diagnostics.empty();
}

TEST(Expectation, equals_beside_checks_that_agree) {
  EXPECT_TRUE(accepted("{equals: '1234', lines: 1}"));
  EXPECT_TRUE(accepted("{equals: '', lines: 0}"));
  EXPECT_TRUE(accepted("{equals: '', lines: 1}"));  // "\n" is equal to it too
  EXPECT_TRUE(accepted("{equals: abc, contains: \"c\\n\", lacks: d, matches: '^a'}"));
  EXPECT_TRUE(accepted("{equals: ''}"));
  EXPECT_TRUE(accepted("''"));
}

TEST(Expectation, equals_beside_checks_that_cannot_hold) {
  EXPECT_FALSE(accepted("{equals: '1234', lines: 2}"));
  EXPECT_FALSE(accepted("{equals: abc, contains: d}"));
  EXPECT_FALSE(accepted("{equals: abc, lacks: b}"));
  EXPECT_FALSE(accepted("{equals: abc, matches: '^b'}"));
}

TEST(Expectation, lacks_beside_contains) {
  EXPECT_TRUE(accepted("{contains: foo, lacks: foobar}"));
  EXPECT_FALSE(accepted("{contains: foobar, lacks: foo}"));
  EXPECT_FALSE(accepted("{contains: foo, lacks: [x, foo]}"));
  EXPECT_FALSE(accepted("{contains: x, lines: 0}"));
  EXPECT_TRUE(accepted("{lacks: x, lines: 0}"));
}

TEST(Expectation, expressions_that_match_everything) {
  for (const char* pattern : {".*", "a*", "(x|)", "^", "$", "(?s)^.*$", "\\d*"}) {
    EXPECT_FALSE(accepted(std::string("{matches: '") + pattern + "'}")) << pattern;
  }
  for (const char* pattern : {".+", "^$", "^a*$", "^[^x]*$", "(?s)^.{0,50}$", "(?m)^\\d*$", "\\pL", "a*b"}) {
    EXPECT_TRUE(accepted(std::string("{matches: '") + pattern + "'}")) << pattern;
  }
}

TEST(Expectation, expressions_that_are_too_large) {
  EXPECT_TRUE(accepted("{matches: 'x{1000}'}"));
  EXPECT_FALSE(accepted("{matches: 'x{1001}'}"));
  EXPECT_FALSE(accepted("{matches: '((\\pL\\pN){30}){30}'}"));
  EXPECT_FALSE(accepted("{matches: '" + std::string(4097, 'x') + "'}"));
  EXPECT_TRUE(accepted("{matches: '" + std::string(4096, 'x') + "'}"));
}

TEST(Expectation, lists_that_are_too_long) {
  const auto list = [](int count) {
    std::string text = "{contains: [";
    for (int i = 0; i < count; ++i)
      text += "t" + std::to_string(i) + ", ";
    return text + "]}";
  };
  EXPECT_TRUE(accepted(list(100)));
  EXPECT_FALSE(accepted(list(101)));
}

}  // namespace
}  // namespace labctl
