#include "virt/uri.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace labctl {
namespace {

using testing::HasSubstr;

TEST(LibvirtUri, Embedded) {
  const auto uri = parse_libvirt_uri("qemu:///embed?x=1&root=/var/tmp/a%20b");
  ASSERT_TRUE(uri) << uri.error().message;
  EXPECT_EQ(uri->root, "/var/tmp/a b");
  EXPECT_TRUE(uri->is_embedded());
  EXPECT_TRUE(uri->is_this_user());
}

TEST(LibvirtUri, WhoseMachines) {
  EXPECT_TRUE(parse_libvirt_uri("qemu:///session")->is_this_user());
  EXPECT_TRUE(parse_libvirt_uri("qemu+unix:///session?socket=/s")->is_this_user());
  EXPECT_FALSE(parse_libvirt_uri("qemu:///system")->is_this_user());
  EXPECT_FALSE(parse_libvirt_uri("qemu+unix:///system?socket=/s")->is_this_user());
  EXPECT_FALSE(parse_libvirt_uri("qemu+ssh://me@lab.example:22/session")->is_this_user());
  EXPECT_EQ(parse_libvirt_uri("qemu+ssh://me@lab.example:22/system")->host, "me@lab.example:22");
  EXPECT_EQ(parse_libvirt_uri("test:///default")->driver, "test");
}

class BadUri : public testing::TestWithParam<std::pair<const char*, const char*>> {};

INSTANTIATE_TEST_SUITE_P(
    All, BadUri,
    testing::Values(std::pair{"", "no \"://\""}, std::pair{"hello-lkm", "no \"://\""},
                    std::pair{"xen:///system", "qemu driver"}, std::pair{"qemu:///", "none of /embed"},
                    std::pair{"qemu:///sytem", "none of /embed"}, std::pair{"qemu:///embed", "names no folder"},
                    std::pair{"qemu:///embed?root=", "names no folder"},
                    std::pair{"qemu:///embed?root=relative", "not an absolute path"},
                    std::pair{"qemu:///embed?root=/0123456789012345678901234567890123456789012345678901234",
                              "56 characters"}));

TEST_P(BadUri, IsUsageAndSaysWhy) {
  const auto uri = parse_libvirt_uri(GetParam().first);
  ASSERT_FALSE(uri);
  EXPECT_EQ(uri.error().fault, Fault::usage);
  EXPECT_THAT(uri.error().message, HasSubstr(GetParam().second));
  EXPECT_FALSE(uri.error().hint.empty());
}

}  // namespace
}  // namespace labctl
