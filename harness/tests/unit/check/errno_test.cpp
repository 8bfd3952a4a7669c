#include <gtest/gtest.h>
#include <string.h>

#include "check/check.hpp"

namespace labctl {
namespace {

TEST(Errno, NamesAndNumbersAgree) {
  int named = 0;
  for (int number = 1; number <= 600; ++number) {
    const std::string name = errno_name(number);
    if (name.starts_with("errno ")) continue;
    ++named;
    EXPECT_EQ(errno_number(name), number) << name;
  }
  EXPECT_EQ(named, 131 + 19);  // 1 to 133 without 41 and 58; 512 to 531 without 520
}

#if defined(__x86_64__) && defined(__GLIBC__)
// The C library of an x86-64 host has the same numbers.
TEST(Errno, NamesAreThoseOfTheHost) {
  for (int number = 1; number <= 133; ++number) {
    const char* name = strerrorname_np(number);
    EXPECT_EQ(errno_name(number), name != nullptr ? std::string(name) : "errno " + std::to_string(number));
  }
}
#endif

TEST(Errno, WellKnownOnes) {
  EXPECT_EQ(errno_number("EINVAL"), 22);
  EXPECT_EQ(errno_number("EWOULDBLOCK"), 11);
  EXPECT_EQ(errno_number("ENOTSUP"), 95);
  EXPECT_EQ(errno_number("ENOTSUPP"), 524);
  EXPECT_EQ(errno_number("ERESTARTSYS"), 512);
  EXPECT_EQ(errno_name(11), "EAGAIN");
  EXPECT_EQ(errno_name(524), "ENOTSUPP");
}

TEST(Errno, UnknownOnes) {
  EXPECT_EQ(errno_name(4095), "errno 4095");
  EXPECT_EQ(errno_name(-22), "errno -22");
  EXPECT_EQ(errno_name(0), "no error");
  EXPECT_EQ(errno_number("einval"), std::nullopt);
  EXPECT_EQ(errno_number("EINVAL "), std::nullopt);
  EXPECT_EQ(errno_number(""), std::nullopt);
}

}  // namespace
}  // namespace labctl
