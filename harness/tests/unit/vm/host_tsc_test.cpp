#include "vm/host_tsc.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "temporary_folder.hpp"

namespace labctl {
namespace {

TEST(HostTsc, IsMeasuredOnceInABootOfTheHost) {
  const test::TemporaryFolder folder;
  const auto cache = Cache::open(folder.path());
  ASSERT_TRUE(cache) << cache.error().message;
  const int khz = host_tsc_khz(*cache);
  if (khz == 0) GTEST_SKIP() << "this host's counter does not count evenly";
  EXPECT_GT(khz, 500'000);
  EXPECT_LT(khz, 10'000'000);
  EXPECT_EQ(khz % 1000, 0);
  const auto file = folder.path() / "hosts" / "tsc";
  std::string boot, number;
  std::ifstream(file) >> boot >> number;
  EXPECT_EQ(number, std::to_string(khz));
  std::ofstream(file) << boot << "\n1234000\n";
  EXPECT_EQ(host_tsc_khz(*cache), 1'234'000) << "it is remembered";
  std::ofstream(file) << "another boot\n1234000\n";
  EXPECT_NEAR(host_tsc_khz(*cache), khz, 1000) << "and measured again after a reboot";
}

}  // namespace
}  // namespace labctl
