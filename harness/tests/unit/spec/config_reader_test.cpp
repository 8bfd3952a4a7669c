#include "spec/config_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace labctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(ConfigReader, Connect) {
  EXPECT_EQ(parse_config("c.yaml", "connect: qemu:///system\n")->connect, "qemu:///system");
  EXPECT_EQ(parse_config("c.yaml", "# nothing yet\n")->connect, "");
  EXPECT_EQ(parse_config("c.yaml", "")->connect, "");
}

TEST(ConfigReader, AFileThatIsNotThereSaysNothing) {
  const test::TemporaryFolder folder;
  const auto config = read_config(folder.path() / "config.yaml");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->connect, "");
}

TEST(ConfigReader, MistakesAreShownWhereTheyAre) {
  const auto config = parse_config("c.yaml", "# mine\nconect: qemu:///system\n");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().fault, Fault::usage);
  EXPECT_THAT(config.error().message,
              AllOf(HasSubstr("c.yaml:2:1: "), HasSubstr("unknown key \"conect\""), HasSubstr("did you mean")));
  for (const char* bad : {"connect: [a]\n", "connect:\n", "- connect\n", "connect: a\nconnect: b\n", "connect: {}\n"})
    EXPECT_FALSE(parse_config("c.yaml", bad)) << bad;
}

}  // namespace
}  // namespace labctl
