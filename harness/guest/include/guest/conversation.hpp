// What is said with the agent of one machine: frames both ways, the kernel log that comes unasked, and how long to wait
// for whom. It knows nothing of tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "guest/frame.hpp"
#include "model/observation.hpp"
#include "support/limits.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"
#include "vm/machine.hpp"

namespace labctl {

class Conversation {
 public:
  using milliseconds = std::chrono::milliseconds;
  using time_point = std::chrono::steady_clock::time_point;

  // How a wait ended: with what was waited for, or without it.
  enum class Waited { reply, deadline, ended, flooded, tampered };
  struct Request {
    std::uint16_t type;
    Fields fields;
    milliseconds limit;  // the agent's, for the action
  };
  // What a machine has had of its host's processors up to a moment.
  struct Share {
    time_point at;
    HostTime had;
  };

  // `machine` outlives it.
  Conversation(Machine& machine, const Limits& limits, StopToken stop);

  // All errors are Fault::interrupted: what the guest does, and that it ends, is no error here.

  // Waits until the agent has said what makes `done` true.
  Result<Waited> wait(time_point deadline, const std::function<bool()>& done);
  // Sends a request and gives the id by which its reply is known: never 0, and no other request's.
  Result<std::uint64_t> send(Request request, time_point deadline);
  // Of a request that was sent: nothing before it has come.
  const Fields* reply_to(std::uint64_t id) const;
  // Sends a request and waits for its reply, which is meaningful for Waited::reply.
  Result<Waited> ask(Request request, Fields& reply);

  bool ready() const { return ready_; }
  const std::string& kernel_release() const { return release_; }
  const std::vector<KmsgRecord>& log() const { return log_; }
  // Records were lost.
  bool log_cut() const { return log_cut_; }
  // Has the log go on from this one; gives what it was.
  std::vector<KmsgRecord> continue_log(std::vector<KmsgRecord> before);

  // What the agent has said by itself, and what is said in its place: a snapshot has to repeat it. Until
  // forget_what_was_heard(), after which nobody may say anything in its place.
  const std::string& heard() const { return heard_; }
  void hear(const Frame& frame);
  void forget_what_was_heard();
  // The first survey that a snapshot repeated or that hear() was given; nothing: none yet.
  const std::optional<Fields>& first_survey() const { return first_survey_; }

  Share share_begins() const { return {std::chrono::steady_clock::now(), machine_.host_time()}; }
  // How much of the time since then the guest ran or wanted nothing; what it waits now is known once it has answered.
  milliseconds had_of_the_host(const Share& before) const;
  // Whether the guest got its part of the host since then. Fault::harness: it did not, so nothing that it did not do in
  // time is a module's fault.
  Status had_the_host(const Share& before) const;
  // What the module is judged by. Fault::harness: the host's side of the machine failed.
  Result<Ending> ending_of(Waited waited) const;
  // A wait that ended without its reply while nothing of a test was in the machine. Quotes the console's last lines.
  Error boot_error(Waited waited) const;

 private:
  void take(const Frame& frame);
  void take_records(const Fields& fields);
  std::uint64_t new_id();
  Error host_error() const;

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
  std::string heard_;
  bool hears_ = true;
  std::optional<Fields> first_survey_;
  std::map<std::uint64_t, std::optional<Fields>> replies_;  // to the requests that were sent
  std::uint64_t awaited_id_ = 0;                            // 0: nobody waits for a reply
  bool late_ = false;                                       // and the agent has said that its reply takes a while
};

// The console's last lines for a message, sanitised.
std::string last_lines(const std::string& console, std::size_t count);

}  // namespace labctl
