#include "connection_choice.hpp"

#include <gtest/gtest.h>

namespace labctl {
namespace {

TEST(ConnectionChoice, TheOptionBeforeTheSettings) {
  EXPECT_EQ(chosen_uri("", ""), std::nullopt);
  EXPECT_EQ(chosen_uri("", "qemu:///system"), "qemu:///system");
  EXPECT_EQ(chosen_uri("qemu:///session", "qemu:///system"), "qemu:///session");
  EXPECT_EQ(chosen_uri("local", "qemu:///system"), std::nullopt);
  EXPECT_EQ(chosen_uri("", "local"), std::nullopt);
}

TEST(ConnectionChoice, DefaultIsLibvirtsOwn) {
  EXPECT_EQ(chosen_uri("default", ""), "");
  EXPECT_EQ(chosen_uri("", "default"), "");
  EXPECT_EQ(chosen_uri("local", "default"), std::nullopt);
}

}  // namespace
}  // namespace labctl
