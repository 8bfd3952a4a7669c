#include "embedded_root.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/files.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(EmbeddedRoot, TheHostsServicesAreUsedWhereItHasThem) {
  const auto all = embedded_qemu_conf({.confinement = true, .systemd = true, .root = true});
  EXPECT_THAT(all, AllOf(Not(HasSubstr("security_driver")), Not(HasSubstr("cgroup_controllers"))));
  const auto none = embedded_qemu_conf({});
  EXPECT_THAT(none, AllOf(HasSubstr("security_driver = \"none\"\n"), HasSubstr("cgroup_controllers = [ ]\n"),
                          HasSubstr("stdio_handler = \"file\"\n")));
}

TEST(EmbeddedRoot, OnlyRootNeedsAUserToBeNamed) {
  EXPECT_THAT(embedded_qemu_conf({.root = true}), HasSubstr("user = \"root\"\n"));
  EXPECT_THAT(embedded_qemu_conf({}), Not(HasSubstr("user =")));
}

TEST(EmbeddedRoot, NeverTouchesTheSandbox) {
  EXPECT_THAT(embedded_qemu_conf({}), Not(HasSubstr("seccomp_sandbox")));
}

TEST(EmbeddedRoot, IsMadeOnceAndThenItsOwners) {
  const test::TemporaryFolder folder;
  const auto root = folder.path() / "a" / "b";
  ASSERT_TRUE(prepare_embedded_root(root));
  EXPECT_EQ(std::filesystem::status(root).permissions(), std::filesystem::perms::owner_all);
  EXPECT_THAT(read_file(root / "etc/qemu.conf").value(), HasSubstr("stdio_handler"));
  std::ofstream(root / "etc/qemu.conf") << "mine";
  ASSERT_TRUE(prepare_embedded_root(root));
  EXPECT_EQ(read_file(root / "etc/qemu.conf").value(), "mine");
}

TEST(EmbeddedRoot, WhereNoneCanBe) {
  const auto made = prepare_embedded_root("/proc/labctl");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().fault, Fault::harness);
}

}  // namespace
}  // namespace labctl
