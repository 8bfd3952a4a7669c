// The guest of one test, across its boots: its machine, the conversation with its agent, its disk.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "guest/session.hpp"
#include "support/cache.hpp"
#include "support/limits.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"
#include "test_runner.hpp"
#include "vm/machine.hpp"

namespace labctl {

class Guest {
 public:
  // Boots or restores the machine of a test, until its agent answers. given must outlive the guest; its files need not
  // be there yet. An error is never the module's fault: nothing of it has run.
  static Result<Guest> start(const TestMachine& given, const Limits& limits, StopToken stop);
  // Gives the guest its files, seed and time, after which the test's steps can be done. Errors as for start().
  Status begin();
  // How long start() took.
  std::chrono::milliseconds start_took() const { return start_took_; }

  Session& session() { return *session_; }

  // What the console has of this boot and `log` has not, because the agent could not send it any more. The machine
  // must have ended.
  std::vector<KmsgRecord> last_words(const std::vector<KmsgRecord>& log) const;
  std::string console_tail(std::size_t bytes) const { return machine_->console_tail(bytes); }

  // After the machine has reset itself: boots it again with the disk as it is. The session's log then goes on from
  // `log`, without what this boot has said. Errors as for start().
  Status boot_again(const std::vector<KmsgRecord>& log);

  void stop();

  // `log` as text, with what the boots after the first have said in its places.
  std::string whole_log(const std::vector<KmsgRecord>& log) const;

 private:
  struct Boot {
    std::size_t log_begin = 0;          // of what follows it in the log
    std::vector<KmsgRecord> said = {};  // up to its first step; of the first boot it is in the log itself
  };

  Guest(const TestMachine& given, const Limits& limits, StopToken stop)
      : given_(&given), limits_(limits), stop_(stop), boots_(1) {}
  Status start_machine(const MachineSpec& spec);
  Status begin_with(const std::string& seed);
  // After a saved machine failed, with nothing of the module in it: boots one.
  Status boot_instead(const Error& why);

  const TestMachine* given_;
  Limits limits_;
  StopToken stop_;
  std::optional<TempDir> scratch_;
  std::unique_ptr<Disk> disk_;  // in it, where machines run here
  MachineSpec spec_;            // of a boot that is no restore
  bool restored_ = false;
  std::chrono::milliseconds start_took_{0};
  std::vector<Boot> boots_;
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<Session> session_;  // after the machine: it goes first
};

}  // namespace labctl
