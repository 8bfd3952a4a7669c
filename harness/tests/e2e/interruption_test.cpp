// Interrupted is normal: whatever the moment and the signal, no QEMU stays and the next run is right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>

#include <csignal>
#include <random>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;

// Waits until nothing mentions this home any more: the kernel ends a dead parent's children without telling us.
void expect_nothing_left(const Home& home) {
  std::vector<std::string> left;
  for (int i = 0; i < 500; ++i) {
    left = processes_mentioning(home.path().string());
    if (left.empty()) return;
    ::poll(nullptr, 0, 10);
  }
  ADD_FAILURE() << "still running: " << left.front();
}

ProcessEnd wait_for(Child& child) {
  pollfd item{child.pidfd(), POLLIN, 0};
  EXPECT_EQ(::poll(&item, 1, 60'000), 1) << "labctl hangs";
  return child.poll_end().value_or(ProcessEnd{});
}

class Interruption : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { ASSERT_TRUE(kernel_is_built("6.1")) << "ci/test builds it: labctl kernel build 6.1"; }
  Home home_{CacheOf::test};
};

INSTANTIATE_TEST_SUITE_P(Signals, Interruption, testing::Values(SIGINT, SIGTERM, SIGKILL),
                         [](const auto& instance) { return std::string(::sigabbrev_np(instance.param)); });

TEST_P(Interruption, AtAnyMoment) {
  std::mt19937 random(7);  // the moments differ from run to run all the same: the host sees to that
  for (int round = 0; round < 8; ++round) {
    auto child = start_process(home_.command({"run", "hello-lkm", "--kernel", "6.1", "--accel", "tcg"}), false);
    ASSERT_TRUE(child) << child.error().message;
    pollfd item{child->pidfd(), POLLIN, 0};
    ::poll(&item, 1, static_cast<int>(random() % 1500));
    ::kill(child->pid(), GetParam());
    const auto end = wait_for(*child);
    const bool as_asked = GetParam() == SIGKILL ? end.signal == SIGKILL : end.exit_status == 130;
    EXPECT_TRUE(as_asked || end.success()) << end.describe();
    expect_nothing_left(home_);
  }
  // What was left half done does not matter to the next run, which also sweeps it.
  const auto after = home_.labctl({"run", "hello-lkm", "--kernel", "6.1", "--accel", "tcg"});
  EXPECT_EQ(after.end.exit_status, 0) << account_of(after);
  EXPECT_TRUE(fs::is_empty(home_.cache() / "tmp"));
}

TEST_P(Interruption, WhileAModuleHangs) {
  const auto lab = home_.put_lab("hang", source("harness/tests/e2e/modules/init-hang.c"),
                                 "      - load: init-hang\n        limit: 5min\n");
  const fs::path run = home_.path() / "run";
  auto child = start_process(home_.command({"run", lab, "--kernel", "6.1", "--accel", "tcg", "--run-dir", run}), false);
  ASSERT_TRUE(child);
  // The event to wait for: the module has said that it is being loaded.
  for (int i = 0; i < 3000; ++i) {
    if (slurp(run / "hang/01-the-test/console.log").find("init_hang") != std::string::npos) break;
    ASSERT_FALSE(child->poll_end()) << "labctl ended by itself";
    ::poll(nullptr, 0, 10);
  }
  ::kill(child->pid(), GetParam());
  const auto end = wait_for(*child);
  EXPECT_EQ(GetParam() == SIGKILL ? end.signal : end.exit_status, GetParam() == SIGKILL ? SIGKILL : 130);
  expect_nothing_left(home_);
}

}  // namespace
}  // namespace labctl::e2e
