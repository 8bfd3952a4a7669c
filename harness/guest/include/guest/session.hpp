// What a run does in one machine: its files in, the steps of its test, a look at what is left. It collects
// observations; it judges nothing.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "guest/conversation.hpp"
#include "model/lab.hpp"
#include "model/observation.hpp"
#include "support/limits.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"
#include "vm/machine.hpp"

namespace labctl {

// A file that a guest is given: a module, a program.
struct GuestFile {
  std::string path;  // in the guest, absolute
  std::string bytes;
  bool executable = false;
};

class Session {
 public:
  using milliseconds = std::chrono::milliseconds;

  Session(Machine& machine, const Limits& limits, StopToken stop);

  // Waits for the agent's ready. An error is Fault::harness: no module has been loaded yet, so the kernel, QEMU or
  // the host is at fault; it quotes the console's last lines.
  Status wait_ready();
  // Waits until the log is as `done` says, at most so long, without a word to the guest. That it is not then, or that
  // the guest has ended, the next request will show. Fault::interrupted only.
  Status wait_for_log(const std::function<bool(const std::vector<KmsgRecord>&)>& done, milliseconds limit);
  // Ends a machine that was started to be saved and keeps it, as it is now: after wait_ready(), before begin().
  Status save();
  // Begins the run: sets the guest's clock to now, seeds its random pool with `seed` and puts the files where they
  // belong. The same for a machine that was booted and one that was restored. Fault::harness as for wait_ready().
  Status begin(const std::string& seed, const std::vector<GuestFile>& files);
  // Has the kernel forget the PCI devices at these addresses and look for them again. Fault::harness as for begin().
  Status find_again(const std::vector<std::string>& pci_addresses);

  // Has the kernel count the allocations of a load from the slab allocator, which are the same in equal machines, for
  // steps with LoadStep::failing_allocation.
  // Fault::harness as for begin(): a kernel without fault injection is the wrong one.
  Status let_allocations_fail();

  // Does a resolved step's action and waits for its end, at most `limit` (plus Limits::answer_grace). One in the
  // background is only begun; a wait step gives its observation. A dmesg step waits on the log: until done(log) or for
  // its `within`. Fault::interrupted, or Fault::harness when the host's side of the machine failed; everything the
  // guest does is an observation.
  Result<Observation> perform(const Step& step, milliseconds limit,
                              const std::function<bool(const std::vector<KmsgRecord>&)>& log_done);

  // The guest's clock, as an observation that has only `at`. Errors as for perform().
  Result<Observation> look_at_clock();

  // For who waits for something in several steps: whether the guest got its part of the host meanwhile. Fault::harness.
  Conversation::Share share_begins() const { return agent_.share_begins(); }
  Status had_the_host(const Conversation::Share& before) const { return agent_.had_the_host(before); }

  // Of a guest that does not answer any more: has it say where it is, on its console, and go down. Fault::interrupted.
  Status interrupt();

  // Looks at the kernel as it is now; `to` is meaningful when it was completed. Endings and errors as for perform().
  Result<Ending> survey(Survey& to);
  // The one that was made right after the boot, with nothing of a test in the machine.
  Survey first_survey() const;

  // After the last step: lets what it set off (a timer that nobody deleted) happen, then makes sure that the guest
  // still answers. completed, or how the guest ended; errors as for perform().
  Result<Ending> settle(milliseconds time);

  // For a machine that a test has booted again, after begin(): the log goes on from that of the boots before. Gives
  // what this boot has said, which is no part of it.
  std::vector<KmsgRecord> continue_log(std::vector<KmsgRecord> before) {
    return agent_.continue_log(std::move(before));
  }
  const std::vector<KmsgRecord>& log() const { return agent_.log(); }
  bool log_cut() const { return agent_.log_cut(); }
  const std::string& kernel_release() const { return agent_.kernel_release(); }

 private:
  // What goes on while other requests are made.
  struct Background {
    std::uint64_t id = 0;
    Action action;
    int killed_with = 0;  // by a step of the test; 0: it was left alone
  };
  using Waited = Conversation::Waited;

  Result<Waited> read_clock(std::chrono::microseconds& at);
  Result<Waited> begin_in_background(const Step& step, milliseconds limit, Observation& seen);
  Result<Waited> watch(const RunningStep& running, const Conversation::Share& before, Observation& seen);
  void kill_background(const KillStep& kill, Fields& fields);
  Result<Waited> wait_for_background(const std::string& name, milliseconds limit, Observation& seen);
  Status ask_for(Conversation::Request request, const std::string& what);
  Status set_clock_and_seed(const std::string& seed);
  Status put(const GuestFile& file);
  Status write(const std::string& path, const std::string& text);
  Status rehearse();
  Result<Waited> ask_for_survey(milliseconds limit, Fields& reply);

  Machine& machine_;
  Limits limits_;
  Conversation agent_;
  std::map<std::string, Background> background_;
};

}  // namespace labctl
