#include "guest/session.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "agent/protocol.h"
#include "replies.hpp"
#include "requests.hpp"

namespace labctl {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using Waited = Conversation::Waited;

namespace {

Survey survey_of(const Fields& reply) {
  Survey survey;
  for (const auto& [tag, bytes] : reply.all()) {
    if (tag == TAG_PATH) survey.sources.emplace_back(bytes, "");
    if (tag == TAG_DATA && !survey.sources.empty()) survey.sources.back().second = bytes;
  }
  survey.cut = reply.has(TAG_TRUNCATED);
  return survey;
}

}  // namespace

Session::Session(Machine& machine, const Limits& limits, StopToken stop)
    : machine_(machine), limits_(limits), agent_(machine, limits, stop) {}

Survey Session::first_survey() const {
  const auto& first = agent_.first_survey();
  return first ? survey_of(*first) : Survey();
}

Status Session::wait_ready() {
  auto waited = agent_.wait(Clock::now() + limits_.boot, [this] { return agent_.ready(); });
  if (!waited) return fail(waited.error());
  if (*waited != Waited::reply) return fail(agent_.boot_error(*waited));
  return {};
}

Status Session::wait_for_log(const std::function<bool(const std::vector<KmsgRecord>&)>& done, milliseconds limit) {
  const auto waited = agent_.wait(Clock::now() + limit, [&] { return done(log()); });
  return waited ? Status() : fail(waited.error());
}

Status Session::save() {
  if (auto rehearsed = rehearse(); !rehearsed) return rehearsed;
  return machine_.save(agent_.heard());
}

Status Session::ask_for(Conversation::Request request, const std::string& what) {
  Fields reply;
  auto waited = agent_.ask(std::move(request), reply);
  if (!waited) return fail(waited.error());
  if (*waited != Waited::reply) return fail(agent_.boot_error(*waited));
  if (const auto error = reply.number(TAG_ERRNO, EIO); error != 0)
    return fail(Fault::harness, fmt::format("the guest cannot {}: {}", what, std::strerror(int(error))),
                "this is a fault of labctl or of the kernel's configuration");
  return {};
}

Status Session::set_clock_and_seed(const std::string& seed) {
  Fields fields;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  fields.add_number(TAG_TIME_NS,
                    static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()));
  fields.add(TAG_SEED, seed);
  return ask_for({AGENT_BEGIN, std::move(fields), limits_.boot}, "take its clock and seed");
}

Status Session::write(const std::string& path, const std::string& text) {
  Fields fields;
  fields.add(TAG_PATH, path);
  fields.add(TAG_DATA, text);
  return ask_for({AGENT_WRITE, std::move(fields), limits_.boot}, "write to " + path);
}

// Much is slow the first time that a kernel does it: it fills caches, and lockdep checks every new chain of locks. What
// tests do is done once before a machine is saved; and on one that is not saved too, so that the two stay alike.
Status Session::rehearse() {
  if (auto set = set_clock_and_seed(std::string(32, '\0')); !set) return set;
  Fields read;
  read.add(TAG_PATH, "/proc/modules");
  if (auto done = ask_for({AGENT_READ, std::move(read), limits_.boot}, "read /proc/modules"); !done) return done;
  if (auto done = write("/dev/null", "1"); !done) return done;
  Fields program;
  program.add(TAG_ARG, "/bin/true");
  if (auto done = ask_for({AGENT_RUN, std::move(program), limits_.boot}, "run /bin/true"); !done) return done;
  Fields seen;
  auto waited = ask_for_survey(limits_.boot, seen);
  if (!waited) return fail(waited.error());
  if (*waited != Waited::reply) return fail(agent_.boot_error(*waited));
  agent_.hear({AGENT_SURVEY, 0, seen.encode()});
  return {};
}

Result<Waited> Session::ask_for_survey(milliseconds limit, Fields& reply) {
  Fields fields;
  for (const auto& path : survey_paths(first_survey()))
    fields.add(TAG_PATH, path);
  fields.add_number(TAG_CAP, limits_.output_bytes);
  return agent_.ask({AGENT_SURVEY, std::move(fields), limit}, reply);
}

Status Session::put(const GuestFile& file) {
  constexpr std::size_t part = 1U << 20;
  std::size_t at = 0;
  do {
    Fields fields;
    fields.add(TAG_PATH, file.path);
    fields.add_number(TAG_MODE, file.executable ? 0755 : 0644);
    fields.add_number(TAG_OFFSET, at);
    fields.add(TAG_DATA, std::string_view(file.bytes).substr(at, part));
    if (auto done = ask_for({AGENT_PUT, std::move(fields), limits_.boot}, "take its modules"); !done) return done;
    at += part;
  } while (at < file.bytes.size());
  return {};
}

Status Session::begin(const std::string& seed, const std::vector<GuestFile>& files) {
  if (machine_.agent_said().empty())
    if (auto rehearsed = rehearse(); !rehearsed) return rehearsed;
  agent_.forget_what_was_heard();
  if (auto set = set_clock_and_seed(seed); !set) return set;
  for (const auto& file : files)
    if (auto done = put(file); !done) return done;
  return {};
}

Status Session::find_again(const std::vector<std::string>& pci_addresses) {
  for (const auto& address : pci_addresses)
    if (auto removed = write("/sys/bus/pci/devices/" + address + "/remove", "1"); !removed) return removed;
  return pci_addresses.empty() ? Status() : write("/sys/bus/pci/rescan", "1");
}

// As they are after a boot, allocations that may wait do not count, which nearly all of a module's are. Pages must not
// count: how many the slab allocator fetches in a load differs from run to run, with what interrupts have taken and
// given back before. No allocation has so high an order.
Status Session::let_allocations_fail() {
  const std::string debugfs = "/sys/kernel/debug/";
  if (auto done = write(debugfs + "failslab/ignore-gfp-wait", "0"); !done) return done;
  return write(debugfs + "fail_page_alloc/min-order", "100");
}

Result<Waited> Session::read_clock(std::chrono::microseconds& at) {
  Fields reply;
  auto waited = agent_.ask({AGENT_PING, {}, limits_.step}, reply);
  at = std::chrono::microseconds(reply.number(TAG_AT_US, 0));
  return waited;
}

Result<Observation> Session::look_at_clock() {
  Step look;
  look.action = ElapsedStep{};
  return perform(look, limits_.step, {});
}

Result<Waited> Session::begin_in_background(const Step& step, milliseconds limit, Observation& seen) {
  auto [type, fields] = request_for(step.action, limits_.output_bytes);
  fields.add_number(TAG_BACKGROUND, 1);
  auto sent = agent_.send({type, std::move(fields), limit}, Clock::now() + limits_.answer_grace);
  if (!sent) return fail(sent.error());
  background_[step.background] = {*sent, step.action, 0};
  // Requests are taken in order: with this one's answer the other has been begun.
  return read_clock(seen.at);
}

Result<Waited> Session::wait_for_background(const std::string& name, milliseconds limit, Observation& seen) {
  const Background& begun = background_[name];
  auto waited = agent_.wait(Clock::now() + limit, [&] { return agent_.reply_to(begun.id) != nullptr; });
  if (waited && *waited == Waited::reply) {
    fill(seen, begun.action, *agent_.reply_to(begun.id));
    // The test ended it, not the kernel.
    if (seen.ending == Ending::killed && seen.killed_by == begun.killed_with) {
      seen.ending = Ending::completed;
      seen.error_number = EINTR;
    }
  }
  if (waited && *waited == Waited::deadline) {
    Fields target, where;
    target.add_number(TAG_TARGET, begun.id);
    auto looked = agent_.ask({AGENT_LOOK, std::move(target), milliseconds(0)}, where);
    if (!looked) return looked;
    if (*looked == Waited::reply) seen.hang = hang_in(where);
  }
  return waited;
}

// What cannot run does not end either. So only time counts in which the guest did not have to wait for the host, and
// what has ended has been told by the second answer after it. It is no fault of the guest's where this takes ages.
Result<Waited> Session::watch(const RunningStep& running, const Conversation::Share& before, Observation& seen) {
  constexpr int most = 20;  // times the time that was asked for
  const std::uint64_t id = background_[running.name].id;
  const auto has_ended = [&] { return agent_.reply_to(id) != nullptr; };
  milliseconds left = running.time;
  while (true) {
    auto waited = agent_.wait(Clock::now() + left, has_ended);
    for (int answers = 0; answers < 2 && waited && *waited == Waited::deadline && !has_ended(); ++answers) {
      auto answered = read_clock(seen.at);
      if (!answered || *answered != Waited::reply) return answered;
    }
    if (!waited || *waited != Waited::deadline) return waited;
    if (has_ended()) return Waited::reply;
    left = running.time - agent_.had_of_the_host(before);
    seen.still_running = left.count() <= 0;
    if (seen.still_running) return Waited::reply;
    if (Clock::now() - before.at < most * running.time) continue;
    // Of many CPUs one may wait all the time while the others run.
    seen.still_running = true;
    if (auto had = agent_.had_the_host(before); !had) return fail(had.error());
    return Waited::reply;
  }
}

void Session::kill_background(const KillStep& kill, Fields& fields) {
  Background& begun = background_[kill.name];
  begun.killed_with = kill.signal;
  fields.add_number(TAG_TARGET, begun.id);
}

Result<Observation> Session::perform(const Step& step, milliseconds limit,
                                     const std::function<bool(const std::vector<KmsgRecord>&)>& log_done) {
  Observation seen;
  seen.log_begin = log().size();
  const auto before = agent_.share_begins();
  const auto finish = [&](const Result<Waited>& waited) -> Result<Observation> {
    if (!waited) return fail(waited.error());
    if (*waited == Waited::reply && seen.ending == Ending::not_run) seen.ending = Ending::completed;
    if (*waited != Waited::reply) {
      auto ending = agent_.ending_of(*waited);
      if (!ending) return fail(ending.error());
      seen.ending = *ending;
    }
    if (seen.ending == Ending::timed_out)
      if (auto had = agent_.had_the_host(before); !had) return fail(had.error());
    seen.log_end = log().size();
    return seen;
  };

  if (!step.background.empty()) return finish(begin_in_background(step, limit, seen));
  if (const auto* awaited = std::get_if<WaitStep>(&step.action))
    return finish(wait_for_background(awaited->name, limit, seen));
  if (const auto* running = std::get_if<RunningStep>(&step.action)) return finish(watch(*running, before, seen));

  auto [type, fields] = request_for(step.action, limits_.output_bytes);
  if (const auto* kill = std::get_if<KillStep>(&step.action)) kill_background(*kill, fields);
  Fields reply;
  auto waited = agent_.ask({type, std::move(fields), limit}, reply);
  if (waited && *waited == Waited::reply) fill(seen, step.action, reply);
  if (const auto* dmesg = std::get_if<DmesgStep>(&step.action);
      dmesg != nullptr && waited && *waited == Waited::reply) {
    // Not satisfied in time is for check/ to judge; what ends the wait otherwise is judged as ever.
    auto log_waited = agent_.wait(Clock::now() + dmesg->within, [&] { return log_done(log()); });
    if (!log_waited || *log_waited != Waited::deadline) waited = log_waited;
    if (log_waited && *log_waited == Waited::deadline && dmesg->within.count() > 0)
      if (auto had = agent_.had_the_host(before); !had) return fail(had.error());
    // It ends now, and not when it began to wait.
    if (waited && *waited == Waited::reply && dmesg->within.count() > 0) waited = read_clock(seen.at);
  }
  return finish(waited);
}

Status Session::interrupt() {
  machine_.interrupt();
  // What it says comes over the console, and is whole when the machine has gone.
  const auto waited = agent_.wait(Clock::now() + limits_.last_words, [] { return false; });
  return waited ? Status() : fail(waited.error());
}

Result<Ending> Session::survey(Survey& to) {
  Fields reply;
  const auto before = agent_.share_begins();
  auto waited = ask_for_survey(limits_.step, reply);
  if (!waited) return fail(waited.error());
  auto ending = *waited == Waited::reply ? ending_in(reply) : agent_.ending_of(*waited);
  if (ending && *ending == Ending::timed_out)
    if (auto had = agent_.had_the_host(before); !had) return fail(had.error());
  if (*waited == Waited::reply) to = survey_of(reply);
  return ending;
}

Result<Ending> Session::settle(milliseconds time) {
  auto waited = agent_.wait(Clock::now() + time, [] { return false; });
  if (!waited) return fail(waited.error());
  if (*waited == Waited::deadline) {
    Fields reply;
    const auto before = agent_.share_begins();
    waited = agent_.ask({AGENT_PING, {}, limits_.step}, reply);
    if (!waited) return fail(waited.error());
    if (*waited == Waited::deadline)
      if (auto had = agent_.had_the_host(before); !had) return fail(had.error());
  }
  return agent_.ending_of(*waited);
}

}  // namespace labctl
