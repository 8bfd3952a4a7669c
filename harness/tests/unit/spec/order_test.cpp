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

TEST(Order, a_reboot_unloads_closes_and_forgets) {
  EXPECT_EQ(listing(read(with_steps("  - load: mod\n  - reboot:\n  - load: mod\n  - dmesg: {has: x, since: step}"))),
            "");
  EXPECT_THAT(listing(read(with_steps("  - load: mod\n  - reboot:\n  - unload: mod"))),
              HasSubstr("8:5: \"mod\" is not loaded"));
  EXPECT_THAT(listing(read(with_steps("  - run: insmod x\n  - reboot:\n  - unload: mod"))),
              HasSubstr("8:5: \"mod\" is not loaded"))
      << "whatever a program has done";
  EXPECT_THAT(listing(read(with_steps("  - open: /dev/x\n    as: x\n  - reboot:\n  - close: x"))),
              HasSubstr("9:5: no file is open as \"x\""));
  EXPECT_THAT(
      listing(read(with_steps("  - load: mod\n    mark: x\n  - reboot:\n  - elapsed: x\n    expect: {max: 1s}"))),
      HasSubstr("9:5: no step before this is marked \"x\""));
  EXPECT_THAT(listing(read(with_steps("  - reboot:\n    mark: x\n  - elapsed: x\n    expect: {max: 1s}"))),
              HasSubstr("no step before this is marked \"x\""));
  EXPECT_THAT(listing(read(with_steps("  - run: x\n    background: x\n  - reboot:\n  - wait: x"))),
              testing::AllOf(HasSubstr("6:5: nothing waits for \"x\""), HasSubstr("before any reboot"),
                             HasSubstr("9:5: nothing called \"x\" is under way")));
}

TEST(Order, a_reboot_takes_nothing) {
  EXPECT_THAT(listing(read(with_steps("  - reboot: now"))), HasSubstr("\"reboot\" takes nothing, not now"));
  EXPECT_THAT(listing(read(with_steps("  - reboot:\n    within: 1s"))), HasSubstr("unknown key \"within\""));
}

TEST(Order, a_log_check_since_the_step_before) {
  EXPECT_EQ(listing(read(with_steps("  - load: mod\n  - dmesg: x\n  - dmesg: {has: y, since: step}"))), "");
  EXPECT_THAT(listing(read(with_steps("  - dmesg: x\n  - dmesg: {has: y, since: step}"))),
              HasSubstr("7:5: \"since: step\" without a step before it"));
  EXPECT_EQ(listing(read(with_steps("  - dmesg: {has: y, since: test}"))), "");
}

}  // namespace
}  // namespace labctl
