#include <gtest/gtest.h>

#include "volumes.hpp"

namespace labctl {
namespace {

TEST(VolumeNames, CopiesOfFilesAreKnownByTheirHash) {
  const std::string hash(64, 'a');
  EXPECT_TRUE(is_cached_volume("labctl-" + hash));
  EXPECT_FALSE(is_cached_volume("labctl-" + hash + "0"));
  EXPECT_FALSE(is_cached_volume("labctl-" + std::string(64, 'A')));
  EXPECT_FALSE(is_cached_volume("mine-" + hash));
  EXPECT_FALSE(is_cached_volume("debian.qcow2"));
}

TEST(VolumeNames, OnlyWhatAProcessThatEndedHadIsStale) {
  const Owner mine = this_process();
  Owner ended = mine;
  ended.started -= 1;
  EXPECT_FALSE(is_stale_volume(own_volume_name("disk", mine, 3)));
  EXPECT_TRUE(is_stale_volume(own_volume_name("disk", ended, 3)));
  EXPECT_TRUE(is_stale_volume(own_volume_name("console", ended, 12)));
  EXPECT_FALSE(is_stale_volume("labctl-disk-"));
  EXPECT_FALSE(is_stale_volume("labctl-disk-important"));
  EXPECT_FALSE(is_stale_volume("disk-" + owner_text(ended) + "-1"));
}

}  // namespace
}  // namespace labctl
