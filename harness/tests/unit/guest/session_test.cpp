// How a session sees a machine that does not answer, or does not say what it waits for. The machine is fake.
#include "guest/session.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "agent/protocol.h"

namespace labctl {
namespace {

using std::chrono::milliseconds;

class SilentMachine : public Machine {
 public:
  // Of each millisecond that a step takes, one of its threads waits so much for a processor, and all together run.
  explicit SilentMachine(double waits, double runs = 0.05) : waits_(waits), runs_(runs) {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_), 0);
  }
  ~SilentMachine() override {
    ::shutdown(ends_[0], SHUT_RDWR);
    if (agent_.joinable()) agent_.join();
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  // Answers every request of this type, with nothing else in it than success.
  void answer(std::uint16_t type) {
    agent_ = std::thread([end = ends_[1], type] {
      FrameReader reader;
      char buffer[4096];
      ssize_t got = 0;
      while ((got = ::recv(end, buffer, sizeof buffer, 0)) > 0) {
        reader.feed(std::string_view(buffer, static_cast<std::size_t>(got)));
        while (const auto request = reader.next()) {
          if (request->type != type) continue;
          Fields fields;
          fields.add_number(TAG_ERRNO, 0);
          const std::string reply = encode_frame({AGENT_REPLY, request->id, fields.encode()});
          EXPECT_EQ(::send(end, reply.data(), reply.size(), MSG_NOSIGNAL), static_cast<ssize_t>(reply.size()));
        }
      }
    });
  }
  int agent_fd() const override { return ends_[0]; }
  std::optional<MachineEnd> ended() const override { return std::nullopt; }
  std::optional<MachineEnd> wait_end(milliseconds) override { return std::nullopt; }
  std::string console_tail(std::size_t) const override { return {}; }
  void stop() override {}
  void interrupt() override {}
  HostTime host_time() const override {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::nanoseconds>(now * runs_),
            std::chrono::duration_cast<std::chrono::nanoseconds>(now * waits_)};
  }
  Status save(const std::string&) override { return {}; }
  std::string agent_said() const override { return {}; }

 private:
  double waits_, runs_;
  std::thread agent_;
  int ends_[2] = {-1, -1};
};

// For a machine that never answers; one that does may take its time, for the host may be busy.
Limits quick() {
  Limits limits;
  limits.step = limits.answer_grace = milliseconds(50);
  return limits;
}

Result<Observation> load_in(SilentMachine& machine) {
  Step step;
  step.action = LoadStep{};
  return Session(machine, quick(), {}).perform(step, quick().step, {});
}

TEST(Session, ASilentGuestThatHadTheHostHasTimedOut) {
  for (const double waits : {0.0, 0.4}) {
    SilentMachine machine(waits);
    const auto seen = load_in(machine);
    ASSERT_TRUE(seen) << seen.error().message;
    EXPECT_EQ(seen->ending, Ending::timed_out);
  }
}

TEST(Session, ManyCpusMayWaitWhereTheGuestRuns) {
  SilentMachine machine(0.95, 0.5);
  const auto seen = load_in(machine);
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->ending, Ending::timed_out);
}

TEST(Session, OfAGuestThatHadToWaitForTheHostNothingIsKnown) {
  SilentMachine machine(0.95);
  const auto seen = load_in(machine);
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().fault, Fault::harness);
  EXPECT_THAT(seen.error().message, testing::HasSubstr("had to wait"));
  Session session(machine, quick(), {});
  Survey survey;
  EXPECT_FALSE(session.survey(survey));
  EXPECT_FALSE(session.settle(milliseconds(1)));
}

Result<Observation> wait_for_log_in(SilentMachine& machine) {
  machine.answer(AGENT_PING);
  DmesgStep dmesg;
  dmesg.within = milliseconds(50);
  Step step;
  step.action = dmesg;
  return Session(machine, Limits(), {}).perform(step, Limits().step, [](const auto&) { return false; });
}

TEST(Session, WhatIsNotSaidInTimeIsNotSaidWhereTheGuestHadTheHost) {
  SilentMachine machine(0.4);
  const auto seen = wait_for_log_in(machine);
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->ending, Ending::completed);
}

TEST(Session, WhatIsNotSaidInTimeByAGuestThatHadToWaitForTheHostMayStillBeSaid) {
  SilentMachine machine(0.95);
  const auto seen = wait_for_log_in(machine);
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().fault, Fault::harness);
}

// Begins something that never ends, and looks whether it is under way.
Result<Observation> look_at_what_runs(SilentMachine& machine, milliseconds after) {
  machine.answer(AGENT_PING);
  Session session(machine, Limits(), {});
  Step step;
  step.action = ReadStep{};
  step.background = "reader";
  if (auto begun = session.perform(step, Limits().step, {}); !begun) return begun;
  RunningStep running;
  running.name = "reader";
  running.time = after;
  step = {};
  step.action = running;
  return session.perform(step, Limits().step, {});
}

TEST(Session, WhatRunsIsWatchedForTheTimeThatTheGuestHasTheHost) {
  for (const double waits : {0.0, 0.5}) {
    SilentMachine machine(waits, 0.5);
    const auto begun = std::chrono::steady_clock::now();
    const auto seen = look_at_what_runs(machine, milliseconds(40));
    ASSERT_TRUE(seen) << seen.error().message;
    EXPECT_TRUE(seen->still_running);
    EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(waits > 0 ? 79 : 40));
  }
}

TEST(Session, OfWhatRunsInAGuestThatHadToWaitForTheHostNothingIsKnown) {
  SilentMachine machine(0.99, 0.01);
  const auto seen = look_at_what_runs(machine, milliseconds(10));
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().fault, Fault::harness);
}

TEST(Session, WhatRunsNowNeedsNoTimeOfTheHost) {
  SilentMachine machine(0.99, 0.01);
  const auto seen = look_at_what_runs(machine, milliseconds(0));
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_TRUE(seen->still_running);
}

}  // namespace
}  // namespace labctl
