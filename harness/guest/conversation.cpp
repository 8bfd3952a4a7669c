#include "guest/conversation.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "agent/protocol.h"
#include "guest/kmsg.hpp"
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

Conversation::Conversation(Machine& machine, const Limits& limits, StopToken stop)
    : machine_(machine), limits_(limits), stop_(stop) {
  reader_.feed(machine_.agent_said());
}

void Conversation::take_records(const Fields& fields) {
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

void Conversation::take(const Frame& frame) {
  // Answers are to this conversation's own questions.
  if (hears_ && frame.type != AGENT_REPLY) heard_ += encode_frame(frame);
  const Fields fields = Fields::decode(frame.payload);
  switch (frame.type) {
    case AGENT_KMSG: take_records(fields); break;
    case AGENT_READY:
      // The agent says it once; a second one was written by somebody else.
      tampered_ = tampered_ || ready_;
      ready_ = true;
      release_ = fields.text(TAG_RELEASE);
      break;
    case AGENT_REPLY: {
      // Ids are random and used once: only the agent, having read the request, can know one.
      const auto asked = replies_.find(frame.id);
      if (asked == replies_.end() || asked->second)
        tampered_ = true;
      else
        asked->second = fields;
      break;
    }
    case AGENT_LATE:
      // Of one in the background it is no news.
      late_ = late_ || (frame.id == awaited_id_ && awaited_id_ != 0);
      break;
    case AGENT_SURVEY:
      // The machine was saved with it: hear() put it there, and no agent says it.
      tampered_ = tampered_ || !hears_;
      first_survey_ = fields;
      break;
    default: tampered_ = true;
  }
}

void Conversation::hear(const Frame& frame) {
  take(frame);
}

void Conversation::forget_what_was_heard() {
  hears_ = false;
  heard_.clear();
}

Result<Conversation::Waited> Conversation::wait(time_point deadline, const std::function<bool()>& done) {
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

std::uint64_t Conversation::new_id() {
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(random_()) << 32U | random_());
}

Result<std::uint64_t> Conversation::send(Request request, time_point deadline) {
  const std::uint64_t id = new_id();
  replies_[id];
  request.fields.add_number(TAG_LIMIT_MS, static_cast<std::uint64_t>(request.limit.count()));
  const std::string bytes = encode_frame({request.type, id, request.fields.encode()});
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t put = ::send(machine_.agent_fd(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(put));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) break;  // the machine is gone: the wait for the reply finds out why
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) break;
    pollfd items[2] = {{machine_.agent_fd(), POLLOUT, 0}, {stop_.fd(), POLLIN, 0}};
    ::poll(items, 2, static_cast<int>(left.count() + 1));
    if (items[1].revents != 0) return fail(Fault::interrupted, "interrupted");
  }
  return id;
}

const Fields* Conversation::reply_to(std::uint64_t id) const {
  const auto asked = replies_.find(id);
  return asked != replies_.end() && asked->second ? &*asked->second : nullptr;
}

Result<Conversation::Waited> Conversation::ask(Request request, Fields& reply) {
  const auto deadline = Clock::now() + request.limit + limits_.answer_grace;
  auto id = send(std::move(request), deadline);
  if (!id) return fail(id.error());
  awaited_id_ = *id;
  late_ = false;
  const auto replied = [&] { return reply_to(*id) != nullptr; };
  auto waited = wait(deadline, replied);
  if (waited && *waited == Waited::deadline && late_) waited = wait(Clock::now() + limits_.late, replied);
  awaited_id_ = 0;
  if (!waited || *waited != Waited::reply) return waited;
  reply = std::move(*replies_[*id]);
  // A second one would be somebody else's. That to a question that was given up may still come, and is of no use.
  replies_.erase(*id);
  return waited;
}

std::vector<KmsgRecord> Conversation::continue_log(std::vector<KmsgRecord> before) {
  std::swap(log_, before);
  return before;
}

milliseconds Conversation::had_of_the_host(const Share& before) const {
  const auto waited = machine_.host_time().waited - before.had.waited;
  return std::chrono::duration_cast<milliseconds>(Clock::now() - before.at - waited);
}

// Of a limit that has passed. Also on a busy host a guest gets its tenth of the time; one that gets less has not shown
// that it hangs. One with many CPUs may leave each of them less, and has had its part all the same.
Status Conversation::had_the_host(const Share& before) const {
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

Error Conversation::host_error() const {
  const auto end = machine_.ended();
  return Error{Fault::harness, end ? end->detail : "QEMU closed its connection but did not end",
               end ? end->hint : host_failure_hint};
}

Result<Ending> Conversation::ending_of(Waited waited) const {
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

Error Conversation::boot_error(Waited waited) const {
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

}  // namespace labctl
