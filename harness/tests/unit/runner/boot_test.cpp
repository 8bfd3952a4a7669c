// Which boots are kept. The machines are fake: each has said what an agent says once it is ready.
#include "boot.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "agent/protocol.h"
#include "guest/frame.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

constexpr const char* lost_timer = "4,99,1000,-;APIC timer disabled due to verification failure";
constexpr const char* lost_clock = "5,99,1000,-;tsc: Marking TSC unstable due to could not calculate TSC khz";

class FakeMachine : public Machine {
 public:
  explicit FakeMachine(const std::string& record) {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_), 0);
    Fields log, ready;
    log.add(TAG_RECORD, record);
    ready.add(TAG_RELEASE, "6.1.1");
    const std::string said =
        encode_frame({AGENT_KMSG, 0, log.encode()}) + encode_frame({AGENT_READY, 0, ready.encode()});
    EXPECT_EQ(::write(ends_[1], said.data(), said.size()), static_cast<ssize_t>(said.size()));
  }
  ~FakeMachine() override {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  int agent_fd() const override { return ends_[0]; }
  std::optional<MachineEnd> ended() const override { return std::nullopt; }
  std::optional<MachineEnd> wait_end(std::chrono::milliseconds) override { return std::nullopt; }
  std::string console_tail(std::size_t) const override { return {}; }
  void stop() override {}
  void interrupt() override {}
  Status save(const std::string&) override { return {}; }
  std::string agent_said() const override { return {}; }

 private:
  int ends_[2] = {-1, -1};
};

// Boots of which the first have lost their timer, or something else.
class FakeDriver : public MachineDriver {
 public:
  explicit FakeDriver(int bad, const std::string& good = "APIC: Switch to symmetric I/O mode",
                      std::string bad_record = lost_timer)
      : bad_(bad), good_("6,99,1000,-;" + good), bad_record_(std::move(bad_record)) {}
  Result<std::unique_ptr<Machine>> start(const MachineSpec& spec) override {
    found_empty_ = found_empty_ && std::filesystem::is_empty(spec.snapshot.folder);
    std::ofstream(spec.snapshot.folder / "memory") << "of boot " << boots_;
    return std::make_unique<FakeMachine>(boots_++ < bad_ ? bad_record_ : good_);
  }
  int boots() const { return boots_; }
  bool found_empty() const { return found_empty_; }

 private:
  int bad_;
  std::string good_;
  std::string bad_record_;
  int boots_ = 0;
  bool found_empty_ = true;
};

MachineSpec saved_in(const test::TemporaryFolder& folder) {
  MachineSpec spec;
  spec.snapshot = {Snapshot::Use::save, folder.path()};
  return spec;
}

TEST(Boot, IsTheFirstWhoseKernelHasItsTimer) {
  for (const int bad : {0, 1, 2}) {
    const test::TemporaryFolder folder;
    FakeDriver driver(bad);
    const auto booted = boot_to_save(driver, saved_in(folder), Limits(), StopToken());
    ASSERT_TRUE(booted) << booted.error().message;
    EXPECT_EQ(driver.boots(), bad + 1);
    EXPECT_FALSE(lost_its_timer(booted->session->log()));
  }
}

TEST(Boot, IsGivenAsItIsWhereNoKernelHasItsTimer) {
  const test::TemporaryFolder folder;
  FakeDriver driver(100);
  const auto booted = boot(driver, saved_in(folder), Limits(), StopToken());
  ASSERT_TRUE(booted) << booted.error().message;
  EXPECT_TRUE(lost_its_timer(booted->session->log()));
  EXPECT_EQ(driver.boots(), 3);
}

TEST(Boot, IsTheFirstWhoseKernelHasItsClock) {
  for (const int bad : {0, 1, 7}) {
    const test::TemporaryFolder folder;
    FakeDriver driver(bad, "APIC: Switch to symmetric I/O mode", lost_clock);
    const auto booted = boot(driver, saved_in(folder), Limits(), StopToken());
    ASSERT_TRUE(booted) << booted.error().message;
    EXPECT_EQ(driver.boots(), bad + 1);
    EXPECT_FALSE(lost_its_clock(booted->session->log()));
  }
}

TEST(Boot, FailsWhereNoKernelHasItsClock) {
  const test::TemporaryFolder folder;
  FakeDriver driver(100, "", lost_clock);
  const auto booted = boot(driver, saved_in(folder), Limits(), StopToken());
  ASSERT_FALSE(booted);
  EXPECT_EQ(booted.error().fault, Fault::harness);
  EXPECT_THAT(booted.error().message, testing::HasSubstr("could not measure its clock in any of 8 boots"));
  EXPECT_EQ(driver.boots(), 8);
}

TEST(Boot, FindsNothingOfAnEarlierOne) {
  const test::TemporaryFolder folder;
  FakeDriver driver(2);
  ASSERT_TRUE(boot(driver, saved_in(folder), Limits(), StopToken()));
  EXPECT_EQ(driver.boots(), 3);
  EXPECT_TRUE(driver.found_empty());
}

std::vector<KmsgRecord> log_of(std::initializer_list<const char*> lines) {
  std::vector<KmsgRecord> log;
  for (const char* line : lines) {
    log.emplace_back();
    log.back().text = line;
  }
  return log;
}

TEST(Boot, EndsWithTheClockThatTheKernelKeeps) {
  constexpr const char* early = "clocksource: Switched to clocksource tsc-early";
  EXPECT_TRUE(will_change_its_clock(log_of({early, "Run /init as init process"})));
  EXPECT_FALSE(will_change_its_clock(log_of({early, "clocksource: Switched to clocksource tsc"})));
  EXPECT_FALSE(will_change_its_clock(log_of({"clocksource: Switched to clocksource refined-jiffies"})));
  EXPECT_FALSE(will_change_its_clock({}));

  const test::TemporaryFolder folder;
  Limits limits;
  limits.clock = std::chrono::milliseconds(10);
  FakeDriver driver(0, early);
  const auto never = boot_to_save(driver, saved_in(folder), limits, StopToken());
  ASSERT_TRUE(never) << never.error().message << ": one whose clock never comes is as good as it gets";
  EXPECT_EQ(driver.boots(), 1);
}

TEST(Boot, TakesNobodyElsesWordForALostTimer) {
  KmsgRecord record;
  record.text = "APIC timer disabled due to verification failure";
  EXPECT_TRUE(lost_its_timer({record}));
  record.facility = 1;
  EXPECT_FALSE(lost_its_timer({record})) << "a program wrote it";
  record.facility = 0;
  record.text = "APIC timer disabled via kernel command line";
  EXPECT_FALSE(lost_its_timer({record})) << "as the lab wants it";
}

}  // namespace
}  // namespace labctl
