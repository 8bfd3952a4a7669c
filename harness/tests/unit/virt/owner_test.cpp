#include "virt/owner.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace labctl {
namespace {

TEST(Owner, GoesThroughText) {
  const Owner owner = this_process();
  EXPECT_EQ(owner.pid, ::getpid());
  EXPECT_EQ(parse_owner(owner_text(owner)), owner);
  EXPECT_EQ(owner_text(owner).find_first_not_of("0123456789abcdef-"), std::string::npos);
}

TEST(Owner, NoOtherTextIsOne) {
  for (const char* text : {"", "0123456789abcdef", "0123456789abcdef-1", "0123456789abcdef-0-1", "0123456789abcdef-1-",
                           "0123456789abcdeX-1-1", "0123456789abcde-1-1", "0123456789abcdef-1-1x",
                           "0123456789abcdef--1-1", "labctl-0123456789abcdef-1-1"})
    EXPECT_FALSE(parse_owner(text)) << text;
}

TEST(Owner, OneThatRunsHasNotEnded) {
  EXPECT_FALSE(has_ended(this_process()));
}

TEST(Owner, OneThatWasReapedHas) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  Owner owner = this_process();
  owner.pid = child;
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(has_ended(owner));
}

TEST(Owner, ItsPidMayBeAnothersByNow) {
  Owner owner = this_process();
  owner.started -= 1;
  EXPECT_TRUE(has_ended(owner));
}

TEST(Owner, NothingIsKnownOfOtherPlaces) {
  Owner owner = this_process();
  owner.started -= 1;
  owner.place = "0123456789abcdef";
  EXPECT_FALSE(has_ended(owner));
}

}  // namespace
}  // namespace labctl
