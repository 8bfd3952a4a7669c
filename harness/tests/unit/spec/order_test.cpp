// Steps that can never do what they expect, and those that only look so.
#include <gmock/gmock.h>

#include "making.hpp"

namespace labctl {
namespace {

using making::listing;
using making::read;
using making::with_steps;
using testing::HasSubstr;

TEST(Order, load_and_unload_again) {
  EXPECT_EQ(listing(read(with_steps("  - load: mod\n  - unload: mod\n  - load: mod\n  - unload: mod"))), "");
  EXPECT_THAT(listing(read(with_steps("  - load: mod\n  - unload: mod\n  - unload: mod"))),
              HasSubstr("8:5: \"mod\" is not loaded"));
}

TEST(Order, a_refused_load_loads_nothing) {
  const std::string refused = "  - load: mod\n    params: {a: 9}\n    expect: {errno: EINVAL}\n";
  EXPECT_EQ(listing(read(with_steps(refused + "  - load: mod\n  - unload: mod"))), "");
  EXPECT_THAT(listing(read(with_steps(refused + "  - unload: mod"))), HasSubstr("is not loaded"));
}

TEST(Order, a_refused_unload_keeps_it) {
  const std::string refused = "  - load: mod\n  - unload: mod\n    expect: {errno: EBUSY}\n";
  EXPECT_EQ(listing(read(with_steps(refused + "  - unload: mod"))), "");
  EXPECT_THAT(listing(read(with_steps(refused + "  - load: mod"))), HasSubstr("is loaded already"));
}

TEST(Order, expected_errors_are_never_out_of_order) {
  EXPECT_EQ(listing(read(with_steps("  - load: mod\n  - load: mod\n    expect: {errno: EEXIST}"))), "");
  EXPECT_EQ(listing(read(with_steps("  - unload: mod\n    expect: {errno: ENOENT}"))), "");
}

TEST(Order, programs_may_load_modules_too) {
  EXPECT_EQ(listing(read(with_steps("  - run: insmod /lab/modules/mod.ko\n  - unload: mod"))), "");
}

TEST(Order, a_failure_that_was_let_pass_leaves_things_open) {
  EXPECT_EQ(listing(read(with_steps("  - load: mod\n    continue: true\n  - load: mod"))), "");
  EXPECT_FALSE(read(with_steps("  - load: mod\n    continue: false\n  - load: mod")).diagnostics.empty());
}

TEST(Order, every_test_begins_anew) {
  const std::string text = with_steps("  - load: mod");
  EXPECT_EQ(listing(read(text + "- name: two\n  steps:\n  - load: mod\n")), "");
  EXPECT_THAT(listing(read(text + "- name: two\n  steps:\n  - unload: mod\n")),
              HasSubstr("9:5: \"mod\" is not loaded"));
}

TEST(Order, a_log_check_since_the_step_before) {
  EXPECT_EQ(listing(read(with_steps("  - load: mod\n  - dmesg: x\n  - dmesg: {has: y, since: step}"))), "");
  EXPECT_THAT(listing(read(with_steps("  - dmesg: x\n  - dmesg: {has: y, since: step}"))),
              HasSubstr("7:5: \"since: step\" without a step before it"));
  EXPECT_EQ(listing(read(with_steps("  - dmesg: {has: y, since: test}"))), "");
}

}  // namespace
}  // namespace labctl
