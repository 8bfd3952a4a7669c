#include "runner/accelerator.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/files.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;

class AcceleratorTest : public testing::Test {
 protected:
  AcceleratorTest() {
    std::ofstream(device_) << "";
    cache_ = *Cache::open(folder_ / "cache");
  }

  Result<AcceleratorChoice> choose(AcceleratorMode mode, Status answer) {
    return choose_accelerator(mode, *cache_, *make_local_host(qemu_, device_), [&, answer](Accelerator tried) {
      EXPECT_EQ(tried, Accelerator::kvm);
      ++boots_;
      return answer;
    });
  }

  const test::TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
  const fs::path device_ = folder_ / "kvm";
  std::optional<Cache> cache_;
  QemuProgram qemu_{"/usr/bin/qemu", "7.2", true, "1"};
  int boots_ = 0;
};

TEST_F(AcceleratorTest, AWorkingKvmIsProvedOnceAndRemembered) {
  auto first = choose(AcceleratorMode::automatic, {});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->accelerator, Accelerator::kvm);
  EXPECT_TRUE(first->probed);
  auto second = choose(AcceleratorMode::automatic, {});
  EXPECT_EQ(second->accelerator, Accelerator::kvm);
  EXPECT_FALSE(second->probed);
  EXPECT_EQ(boots_, 1);
}

TEST_F(AcceleratorTest, ABrokenKvmMeansEmulationAndIsRemembered) {
  const Status broken = fail(Fault::harness, "the guest was not ready within 10.00 s");
  auto first = choose(AcceleratorMode::automatic, broken);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->accelerator, Accelerator::tcg);
  EXPECT_NE(first->reason.find("not ready within"), std::string::npos);
  auto second = choose(AcceleratorMode::automatic, broken);
  EXPECT_EQ(second->accelerator, Accelerator::tcg);
  EXPECT_EQ(boots_, 1);
  auto insisted = choose(AcceleratorMode::kvm, broken);
  ASSERT_FALSE(insisted);
  EXPECT_EQ(insisted.error().fault, Fault::harness);
  EXPECT_EQ(boots_, 2) << "asked for by name it is tried again";
}

TEST_F(AcceleratorTest, AnotherQemuIsProvedAnew) {
  ASSERT_TRUE(choose(AcceleratorMode::automatic, {}));
  qemu_.version = "8.0";
  ASSERT_TRUE(choose(AcceleratorMode::automatic, {}));
  EXPECT_EQ(boots_, 2);
}

TEST_F(AcceleratorTest, WithoutTheDeviceNothingIsTried) {
  fs::remove(device_);
  auto choice = choose(AcceleratorMode::automatic, {});
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->accelerator, Accelerator::tcg);
  EXPECT_NE(choice->reason.find("there is no"), std::string::npos);
  EXPECT_FALSE(choose(AcceleratorMode::kvm, {}));
  EXPECT_EQ(boots_, 0);
}

TEST_F(AcceleratorTest, NoPermissionIsSaidSo) {
  // Root passes every permission check; a folder in the device's place fails to open for writing for everybody.
  fs::remove(device_);
  fs::create_directory(device_);
  auto choice = choose(AcceleratorMode::automatic, {});
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->accelerator, Accelerator::tcg);
  EXPECT_NE(choice->reason.find(device_.string()), std::string::npos);
  auto insisted = choose(AcceleratorMode::kvm, {});
  ASSERT_FALSE(insisted);
  EXPECT_NE(insisted.error().hint.find("group kvm"), std::string::npos);
}

TEST_F(AcceleratorTest, InterruptionIsNotRememberedAsBroken) {
  auto stopped = choose(AcceleratorMode::automatic, fail(Fault::interrupted, "interrupted"));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().fault, Fault::interrupted);
  auto again = choose(AcceleratorMode::automatic, {});
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->probed);
}

TEST_F(AcceleratorTest, ADamagedMemoryIsAskedAnew) {
  ASSERT_TRUE(choose(AcceleratorMode::automatic, {}));
  for (const auto& item : fs::directory_iterator(cache_->root() / "hosts"))
    std::ofstream(item.path()) << "{\"works\": 3";
  auto again = choose(AcceleratorMode::automatic, {});
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->probed);
}

}  // namespace
}  // namespace labctl
