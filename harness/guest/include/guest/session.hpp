// The conversation with the agent in one machine. It collects observations; it judges nothing.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "guest/frame.hpp"
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

  Session(Machine& machine, Limits limits, StopToken stop);

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

  // Of a guest that does not answer any more: has it say where it is, on its console, and go down. Fault::interrupted.
  Status interrupt();

  // Looks at the kernel as it is now; `to` is meaningful when it was completed. Endings and errors as for perform().
  Result<Ending> survey(Survey& to);
  // The one that was made right after the boot, with nothing of a test in the machine.
  const Survey& first_survey() const { return first_survey_; }

  // After the last step: lets what it set off (a timer that nobody deleted) happen, then makes sure that the guest
  // still answers. completed, or how the guest ended; errors as for perform().
  Result<Ending> settle(milliseconds time);

  // For a machine that a test has booted again, after begin(): the log goes on from that of the boots before. Gives
  // what this boot has said, which is no part of it.
  std::vector<KmsgRecord> continue_log(std::vector<KmsgRecord> before);
  const std::vector<KmsgRecord>& log() const { return log_; }
  bool log_cut() const { return log_cut_; }
  const std::string& kernel_release() const { return release_; }

 private:
  // What goes on while other requests are made.
  struct Background {
    std::uint64_t id = 0;
    Action action;
    int killed_with = 0;  // by a step of the test; 0: it was left alone
    std::optional<Fields> reply;
  };
  enum class Waited { reply, deadline, ended, flooded, tampered };
  // What a machine has had of its host's processors up to a moment.
  struct Share {
    std::chrono::steady_clock::time_point at;
    HostTime had;
  };
  struct Request {
    std::uint16_t type;
    Fields fields;
    milliseconds limit;
  };

  Result<Waited> wait(std::chrono::steady_clock::time_point deadline, const std::function<bool()>& done);
  void take(const Frame& frame);
  void take_records(const Fields& fields);
  Status send_request(Request request, std::uint64_t id, std::chrono::steady_clock::time_point deadline);
  std::uint64_t new_id();
  Result<Waited> ask(Request request, Fields& reply);
  Result<Waited> look_at_clock(Observation& seen);
  Result<Waited> begin_in_background(const Step& step, milliseconds limit, Observation& seen);
  void kill_background(const KillStep& kill, Fields& fields);
  Result<Waited> wait_for_background(const std::string& name, milliseconds limit, Observation& seen);
  Status ask_for(Request request, const std::string& what);
  Status set_clock_and_seed(const std::string& seed);
  Status put(const GuestFile& file);
  Status write(const std::string& path, const std::string& text);
  Status rehearse();
  Result<Waited> ask_for_survey(milliseconds limit, Fields& reply);
  Status send(const std::string& bytes, std::chrono::steady_clock::time_point deadline);
  Error boot_error(Waited waited) const;
  Error host_error() const;
  Share share_begins() const;
  Status had_the_host(const Share& before) const;
  Result<Ending> ending_of(Waited waited) const;

  Machine& machine_;
  Limits limits_;
  StopToken stop_;
  std::random_device random_;
  FrameReader reader_;
  std::vector<KmsgRecord> log_;
  std::uint64_t log_bytes_ = 0;
  bool log_cut_ = false;
  bool flooded_ = false;
  bool tampered_ = false;
  bool ready_ = false;
  std::string release_;
  std::uint64_t awaited_id_ = 0;  // 0: no request is under way
  bool late_ = false;             // and the agent has said that its reply takes a while
  std::string heard_;             // from the agent, until begin(): what a snapshot has to repeat
  bool begun_ = false;
  Survey first_survey_;
  std::set<std::uint64_t> abandoned_;
  std::map<std::string, Background> background_;
  std::optional<Fields> reply_;
};

// The console's last lines for a message, sanitised.
std::string last_lines(const std::string& console, std::size_t count);

}  // namespace labctl
