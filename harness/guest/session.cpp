#include "guest/session.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "agent/protocol.h"
#include "guest/kmsg.hpp"
#include "replies.hpp"
#include "requests.hpp"
#include "support/text.hpp"

namespace labctl {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::string last_lines(const std::string& console, std::size_t count) {
  const auto lines = split_lines(console);
  std::string text;
  for (std::size_t i = lines.size() > count ? lines.size() - count : 0; i < lines.size(); ++i) {
    auto line = lines[i];
    while (!line.empty() && line.back() == '\r')
      line.remove_suffix(1);
    text += "\n  " + printable(line.substr(0, 300));
  }
  return text;
}

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

Session::Session(Machine& machine, Limits limits, StopToken stop) : machine_(machine), limits_(limits), stop_(stop) {
  reader_.feed(machine_.agent_said());
}

void Session::take_records(const Fields& fields) {
  for (const auto& [tag, bytes] : fields.all()) {
    if (tag == TAG_LOST) log_cut_ = true;
    if (tag != TAG_RECORD) continue;
    log_bytes_ += bytes.size();
    if (log_bytes_ > limits_.kernel_log_bytes) {
      log_cut_ = flooded_ = true;
      continue;
    }
    if (auto record = parse_kmsg(bytes)) log_.push_back(std::move(*record));
  }
}

void Session::take(const Frame& frame) {
  // Answers are to this session's own questions.
  if (!begun_ && frame.type != AGENT_REPLY) heard_ += encode_frame(frame);
  const Fields fields = Fields::decode(frame.payload);
  switch (frame.type) {
    case AGENT_KMSG: take_records(fields); break;
    case AGENT_READY:
      // The agent says it once; a second one was written by somebody else.
      tampered_ = tampered_ || ready_;
      ready_ = true;
      release_ = fields.text(TAG_RELEASE);
      break;
    case AGENT_REPLY:
      // Ids are random and used once: only the agent, having read the request, can know one.
      if (frame.id == awaited_id_ && awaited_id_ != 0 && !reply_) {
        reply_ = fields;
      } else if (const auto found =
                     std::find_if(background_.begin(), background_.end(),
                                  [&](const auto& item) { return item.second.id == frame.id && !item.second.reply; });
                 found != background_.end()) {
        found->second.reply = fields;
      } else if (abandoned_.erase(frame.id) == 0) {
        tampered_ = true;
      }
      break;
    case AGENT_LATE:
      // Of one in the background it is no news.
      late_ = late_ || (frame.id == awaited_id_ && awaited_id_ != 0);
      break;
    case AGENT_SURVEY:
      // The machine was saved with it: rehearse() put it there, and no agent says it.
      tampered_ = tampered_ || begun_;
      first_survey_ = survey_of(fields);
      break;
    default: tampered_ = true;
  }
}

Result<Session::Waited> Session::wait(Clock::time_point deadline, const std::function<bool()>& done) {
  while (true) {
    while (auto frame = reader_.next())
      take(*frame);
    // Only somebody who knows the protocol, but is not the agent, sends a good header with a bad payload.
    if (tampered_ || reader_.bad_payloads() > 0) return Waited::tampered;
    if (done()) return Waited::reply;
    if (flooded_) {
      machine_.stop();
      return Waited::flooded;
    }
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return Waited::deadline;
    pollfd items[2] = {{machine_.agent_fd(), POLLIN, 0}, {stop_.fd(), POLLIN, 0}};
    if (::poll(items, 2, static_cast<int>(std::min<std::int64_t>(left.count() + 1, 1 << 30))) <= 0) continue;
    if (items[1].revents != 0) return fail(Fault::interrupted, "interrupted");
    char buffer[1 << 16];
    const ssize_t got = ::recv(machine_.agent_fd(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) {
      const auto end = machine_.wait_end(std::chrono::seconds(5));
      if (end && end->cause == MachineEnd::Cause::flooded) return Waited::flooded;
      return Waited::ended;
    }
    reader_.feed(std::string_view(buffer, static_cast<std::size_t>(got)));
  }
}

Error Session::host_error() const {
  const auto end = machine_.ended();
  return Error{Fault::harness, end ? end->detail : "QEMU closed its connection but did not end",
               end ? end->hint : host_failure_hint};
}

Session::Share Session::share_begins() const {
  return {Clock::now(), machine_.host_time()};
}

// Of a limit that has passed. Also on a busy host a guest gets its tenth of the time; one that gets less has not shown
// that it hangs. One with many CPUs may leave each of them less, and has had its part all the same.
Status Session::had_the_host(const Share& before) const {
  const auto milliseconds_of = [](auto time) { return std::chrono::duration_cast<milliseconds>(time); };
  const HostTime now = machine_.host_time();
  const auto took = milliseconds_of(Clock::now() - before.at);
  const auto waited = milliseconds_of(now.waited - before.had.waited);
  if (waited <= took * 9 / 10 || milliseconds_of(now.ran - before.had.ran) >= took / 10) return {};
  return fail(Fault::harness,
              fmt::format("this host is too busy: of {} that a step took, the guest had to wait {} for a processor",
                          human_duration(took), human_duration(waited)),
              "run it again when less else runs here, or with fewer --jobs");
}

Result<Ending> Session::ending_of(Waited waited) const {
  switch (waited) {
    case Waited::reply: return Ending::completed;
    case Waited::deadline: return Ending::timed_out;
    case Waited::flooded: return Ending::flooded;
    case Waited::tampered: return Ending::tampered;
    case Waited::ended: break;
  }
  if (const auto end = machine_.ended(); !end || end->cause == MachineEnd::Cause::host) return fail(host_error());
  return Ending::guest_ended;
}

Error Session::boot_error(Waited waited) const {
  const auto end = machine_.ended();
  if (waited == Waited::ended && (!end || end->cause == MachineEnd::Cause::host)) return host_error();
  std::string what;
  switch (waited) {
    case Waited::deadline: what = fmt::format("was not ready within {}", human_duration(limits_.boot)); break;
    case Waited::ended: what = fmt::format("ended before it was ready ({})", end->detail); break;
    case Waited::flooded: what = "flooded its console before it was ready"; break;
    default: what = "spoke a protocol that labctl does not know";
  }
  const std::string console = machine_.console_tail(1 << 14);
  return Error{Fault::harness,
               fmt::format("the guest {}\nits console's last lines:{}", what,
                           console.empty() ? "\n  (it said nothing)" : last_lines(console, 12)),
               "try --accel tcg; if it fails too, build the kernel again: labctl kernel build NAME"};
}

Status Session::wait_ready() {
  auto waited = wait(Clock::now() + limits_.boot, [this] { return ready_; });
  if (!waited) return fail(waited.error());
  if (*waited != Waited::reply) return fail(boot_error(*waited));
  return {};
}

Status Session::wait_for_log(const std::function<bool(const std::vector<KmsgRecord>&)>& done, milliseconds limit) {
  const auto waited = wait(Clock::now() + limit, [&] { return done(log_); });
  return waited ? Status() : fail(waited.error());
}

Status Session::send(const std::string& bytes, Clock::time_point deadline) {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t put = ::send(machine_.agent_fd(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(put));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) return {};  // the machine is gone: the wait for the reply finds out why
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return {};
    pollfd items[2] = {{machine_.agent_fd(), POLLOUT, 0}, {stop_.fd(), POLLIN, 0}};
    ::poll(items, 2, static_cast<int>(left.count() + 1));
    if (items[1].revents != 0) return fail(Fault::interrupted, "interrupted");
  }
  return {};
}

Status Session::send_request(Request request, std::uint64_t id, Clock::time_point deadline) {
  request.fields.add_number(TAG_LIMIT_MS, static_cast<std::uint64_t>(request.limit.count()));
  return send(encode_frame({request.type, id, request.fields.encode()}), deadline);
}

// Never 0, which no request has.
std::uint64_t Session::new_id() {
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(random_()) << 32U | random_());
}

Result<Session::Waited> Session::ask(Request request, Fields& reply) {
  const auto deadline = Clock::now() + request.limit + limits_.answer_grace;
  awaited_id_ = new_id();
  late_ = false;
  reply_.reset();
  if (auto sent = send_request(std::move(request), awaited_id_, deadline); !sent) return fail(sent.error());
  const auto replied = [this] { return reply_.has_value(); };
  auto waited = wait(deadline, replied);
  if (waited && *waited == Waited::deadline && late_) waited = wait(Clock::now() + limits_.late, replied);
  // The answer to a question that was given up may still come, and is of no use then.
  if (!reply_) abandoned_.insert(awaited_id_);
  awaited_id_ = 0;
  if (waited && *waited == Waited::reply) reply = std::move(*reply_);
  return waited;
}

Status Session::save() {
  if (auto rehearsed = rehearse(); !rehearsed) return rehearsed;
  return machine_.save(heard_);
}

Status Session::ask_for(Request request, const std::string& what) {
  Fields reply;
  auto waited = ask(std::move(request), reply);
  if (!waited) return fail(waited.error());
  if (*waited != Waited::reply) return fail(boot_error(*waited));
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
  if (*waited != Waited::reply) return fail(boot_error(*waited));
  first_survey_ = survey_of(seen);
  heard_ += encode_frame({AGENT_SURVEY, 0, seen.encode()});
  return {};
}

Result<Session::Waited> Session::ask_for_survey(milliseconds limit, Fields& reply) {
  Fields fields;
  for (const auto& path : survey_paths(first_survey_))
    fields.add(TAG_PATH, path);
  fields.add_number(TAG_CAP, limits_.output_bytes);
  return ask({AGENT_SURVEY, std::move(fields), limit}, reply);
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
  begun_ = true;
  heard_.clear();
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

std::vector<KmsgRecord> Session::continue_log(std::vector<KmsgRecord> before) {
  std::swap(log_, before);
  return before;
}

Result<Session::Waited> Session::look_at_clock(Observation& seen) {
  Fields reply;
  auto waited = ask({AGENT_PING, {}, limits_.step}, reply);
  seen.at = std::chrono::microseconds(reply.number(TAG_AT_US, 0));
  return waited;
}

Result<Session::Waited> Session::begin_in_background(const Step& step, milliseconds limit, Observation& seen) {
  auto [type, fields] = request_for(step.action, limits_.output_bytes);
  fields.add_number(TAG_BACKGROUND, 1);
  Background& begun = background_[step.background];
  begun = {new_id(), step.action, 0, std::nullopt};
  auto sent = send_request({type, std::move(fields), limit}, begun.id, Clock::now() + limits_.answer_grace);
  if (!sent) return fail(sent.error());
  // Requests are taken in order: with this one's answer the other has been begun.
  return look_at_clock(seen);
}

Result<Session::Waited> Session::wait_for_background(const std::string& name, milliseconds limit, Observation& seen) {
  const Background& begun = background_[name];
  auto waited = wait(Clock::now() + limit, [&begun] { return begun.reply.has_value(); });
  if (waited && *waited == Waited::reply) {
    fill(seen, begun.action, *begun.reply);
    // The test ended it, not the kernel.
    if (seen.ending == Ending::killed && seen.killed_by == begun.killed_with) {
      seen.ending = Ending::completed;
      seen.error_number = EINTR;
    }
  }
  if (waited && *waited == Waited::deadline) {
    Fields target, where;
    target.add_number(TAG_TARGET, begun.id);
    auto looked = ask({AGENT_LOOK, std::move(target), milliseconds(0)}, where);
    if (!looked) return looked;
    if (*looked == Waited::reply) seen.hang = hang_in(where);
  }
  return waited;
}

void Session::kill_background(const KillStep& kill, Fields& fields) {
  Background& begun = background_[kill.name];
  begun.killed_with = kill.signal;
  fields.add_number(TAG_TARGET, begun.id);
}

Result<Observation> Session::perform(const Step& step, milliseconds limit,
                                     const std::function<bool(const std::vector<KmsgRecord>&)>& log_done) {
  Observation seen;
  seen.log_begin = log_.size();
  const Share before = share_begins();
  const auto finish = [&](const Result<Waited>& waited) -> Result<Observation> {
    if (!waited) return fail(waited.error());
    if (*waited == Waited::reply && seen.ending == Ending::not_run) seen.ending = Ending::completed;
    if (*waited != Waited::reply) {
      auto ending = ending_of(*waited);
      if (!ending) return fail(ending.error());
      seen.ending = *ending;
    }
    if (seen.ending == Ending::timed_out)
      if (auto had = had_the_host(before); !had) return fail(had.error());
    seen.log_end = log_.size();
    return seen;
  };

  if (!step.background.empty()) return finish(begin_in_background(step, limit, seen));
  if (const auto* awaited = std::get_if<WaitStep>(&step.action))
    return finish(wait_for_background(awaited->name, limit, seen));
  if (const auto* running = std::get_if<RunningStep>(&step.action)) {
    const Background& begun = background_[running->name];
    auto waited = wait(Clock::now() + running->time, [&begun] { return begun.reply.has_value(); });
    seen.still_running = waited && *waited == Waited::deadline;
    return finish(seen.still_running ? look_at_clock(seen) : waited);
  }

  auto [type, fields] = request_for(step.action, limits_.output_bytes);
  if (const auto* kill = std::get_if<KillStep>(&step.action)) kill_background(*kill, fields);
  Fields reply;
  auto waited = ask({type, std::move(fields), limit}, reply);
  if (waited && *waited == Waited::reply) fill(seen, step.action, reply);
  if (const auto* dmesg = std::get_if<DmesgStep>(&step.action);
      dmesg != nullptr && waited && *waited == Waited::reply) {
    // Not satisfied in time is for check/ to judge; what ends the wait otherwise is judged as ever.
    auto log_waited = wait(Clock::now() + dmesg->within, [&] { return log_done(log_); });
    if (!log_waited || *log_waited != Waited::deadline) waited = log_waited;
    // It ends now, and not when it began to wait.
    if (waited && *waited == Waited::reply && dmesg->within.count() > 0) waited = look_at_clock(seen);
  }
  return finish(waited);
}

Status Session::interrupt() {
  machine_.interrupt();
  // What it says comes over the console, and is whole when the machine has gone.
  const auto waited = wait(Clock::now() + limits_.last_words, [] { return false; });
  return waited ? Status() : fail(waited.error());
}

Result<Ending> Session::survey(Survey& to) {
  Fields reply;
  const Share before = share_begins();
  auto waited = ask_for_survey(limits_.step, reply);
  if (!waited) return fail(waited.error());
  auto ending = *waited == Waited::reply ? ending_in(reply) : ending_of(*waited);
  if (ending && *ending == Ending::timed_out)
    if (auto had = had_the_host(before); !had) return fail(had.error());
  if (*waited == Waited::reply) to = survey_of(reply);
  return ending;
}

Result<Ending> Session::settle(milliseconds time) {
  auto waited = wait(Clock::now() + time, [] { return false; });
  if (!waited) return fail(waited.error());
  if (*waited == Waited::deadline) {
    Fields reply;
    const Share before = share_begins();
    waited = ask({AGENT_PING, {}, limits_.step}, reply);
    if (!waited) return fail(waited.error());
    if (*waited == Waited::deadline)
      if (auto had = had_the_host(before); !had) return fail(had.error());
  }
  return ending_of(*waited);
}

}  // namespace labctl
