// How a session sees a machine that does not answer. The machine is fake: nobody is at its agent's port.
#include "guest/session.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

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
    ::close(ends_[0]);
    ::close(ends_[1]);
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
  int ends_[2] = {-1, -1};
};

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

}  // namespace
}  // namespace labctl
