#include "machine_state.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "support/files.hpp"
#include "support/text.hpp"
#include "virt/domain_xml.hpp"

namespace labctl {

namespace {

constexpr std::size_t tail_bytes = 1 << 16;
// What is waited for what must come but need not be waited for for ever: the rest of a console whose guest went down,
// and the word of an end whose console is closed.
constexpr std::chrono::milliseconds stragglers{5'000};
constexpr std::uint64_t most_of_log = 1 << 20;

}  // namespace

Result<std::shared_ptr<MachineState>> MachineState::create(Parts parts) {
  std::shared_ptr<MachineState> state(new MachineState(std::move(parts)));
  const auto& connection = state->parts_.connection;
  const std::weak_ptr<MachineState> weak = state;
  Console::Told told{[weak](std::string_view bytes) {
                       if (const auto self = weak.lock()) self->take_console(bytes);
                     },
                     [weak] {
                       if (const auto self = weak.lock()) self->on_console_end();
                     }};
  if (state->parts_.volumes == nullptr) {
    state->console_ = make_socket_console(connection, state->parts_.console_socket, std::move(told));
  } else {
    auto console = make_terminal_console(connection, std::move(told));
    if (!console) return fail(console.error());
    state->console_ = std::move(*console);
  }
  virStreamPtr stream = connection->api().virStreamNew(connection->get(), VIR_STREAM_NONBLOCK);
  if (stream == nullptr) return fail(connection->error("no stream to a machine's agent"));
  state->agent_ = StreamPump::bridge(connection, stream, std::move(state->parts_.agent));
  return state;
}

MachineState::~MachineState() {
  if (domain_ != nullptr) static_cast<void>(parts_.connection->api().virDomainFree(domain_));
}

Status MachineState::start(const std::string& xml, bool ends_with_connection) {
  const auto& connection = parts_.connection;
  const LibvirtApi& api = connection->api();
  const unsigned flags = VIR_DOMAIN_START_PAUSED | (ends_with_connection ? unsigned{VIR_DOMAIN_START_AUTODESTROY} : 0U);
  domain_ = api.virDomainCreateXML(connection->get(), xml.c_str(), flags);
  if (domain_ == nullptr)
    return fail(connection->error(fmt::format("cannot start a machine on {}", connection->uri().text)));
  // Before the guest runs: QEMU drops what it says to a port that nobody listens to.
  if (auto opened = open_ports(); !opened) return opened;
  if (api.virDomainResume(domain_) < 0) return fail(connection->error("cannot let a machine run"));
  return {};
}

Status MachineState::open_ports() {
  const auto& connection = parts_.connection;
  const LibvirtApi& api = connection->api();
  if (auto opened = console_->open(domain_); !opened) return opened;
  if (api.virDomainOpenChannel(domain_, agent_channel, agent_->stream(), 0) < 0 || !agent_->begin())
    return fail(connection->error("cannot connect to a machine's agent"));
  return {};
}

std::optional<MachineEnd> MachineState::ended() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

std::optional<MachineEnd> MachineState::wait_end(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [this] { return end_.has_value(); });
  return end_;
}

std::string MachineState::console_tail(std::size_t max_bytes) const {
  const std::lock_guard lock(mutex_);
  return tail_.size() > max_bytes ? tail_.substr(tail_.size() - max_bytes) : tail_;
}

void MachineState::interrupt() {
  if (domain_ != nullptr) static_cast<void>(parts_.connection->api().virDomainInjectNMI(domain_, 0));
}

void MachineState::stop() {
  parts_.connection->loop().run([self = shared_from_this()] { self->conclude({MachineEnd::Cause::stopped, "", ""}); });
  bury();
}

void MachineState::bury() {
  if (buried_.exchange(true)) return;
  parts_.undertaker.bury([self = shared_from_this()] {
    const auto& connection = self->parts_.connection;
    const LibvirtApi& api = connection->api();
    connection->loop().run_and_wait([&self] { self->conclude({MachineEnd::Cause::stopped, "", ""}); });
    // The console first: its lock would outlive the terminal, which the next machine may get.
    self->console_->close();
    self->agent_->close();
    // One that has ended by itself, or is ending, is no longer there: that is no error.
    if (self->domain_ != nullptr) static_cast<void>(api.virDomainDestroy(self->domain_));
    if (self->parts_.volumes != nullptr) {
      self->read_kept_console();
      self->parts_.volumes->remove(self->parts_.console_volume);
    }
    std::error_code ignored;
    if (!self->parts_.qemu_log.empty()) std::filesystem::remove(self->parts_.qemu_log, ignored);
  });
}

void MachineState::on_lifecycle(int event, int detail) {
  if (event == VIR_DOMAIN_EVENT_SHUTDOWN && detail == VIR_DOMAIN_EVENT_SHUTDOWN_GUEST) guest_went_down_ = true;
  if (event == VIR_DOMAIN_EVENT_CRASHED) guest_went_down_ = true;
  if (event == VIR_DOMAIN_EVENT_STOPPED) stopped_ = detail;
  conclude_when_silent();
}

void MachineState::on_console_end() {
  console_ended_ = true;
  conclude_when_silent();
}

// An end is known once an event has told it, and whole once the console has ended. libvirt's last event comes a second
// after the guest went down and QEMU has ended: that one need not be waited for.
void MachineState::conclude_when_silent() {
  const bool over = guest_went_down_ || stopped_;
  if (over && console_ended_) {
    conclude_with_console();
  } else if (over || console_ended_) {
    parts_.connection->loop().after(stragglers, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->give_up_waiting();
    });
  }
}

void MachineState::conclude_with_console() {
  if (ended()) return;
  const auto finish = [self = shared_from_this()] {
    self->conclude(self->end_of(self->stopped_.value_or(VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN)));
  };
  if (parts_.volumes == nullptr) {
    finish();
  } else if (!std::exchange(console_is_read_, true)) {
    // Which waits for the host, as the event loop must not.
    parts_.undertaker.bury([self = shared_from_this(), finish] {
      self->read_kept_console();
      self->parts_.connection->loop().run(finish);
    });
  }
}

void MachineState::give_up_waiting() {
  if (guest_went_down_ || stopped_)
    conclude(host_end("its console did not end with it"));
  else
    conclude(host_end("its console was closed, and libvirt did not say why"));
}

void MachineState::read_kept_console() {
  auto kept = parts_.volumes->read(parts_.console_volume, parts_.limits.console_bytes);
  // Then what was heard is what there is.
  if (!kept || kept->empty()) return;
  static_cast<void>(write_file(parts_.console_file, *kept));
  const std::lock_guard lock(mutex_);
  tail_ = kept->substr(kept->size() - std::min(kept->size(), tail_bytes));
}

void MachineState::on_disk_error(const std::string& reason) {
  // QEMU has stopped the guest, which does not learn of it.
  conclude(host_end("the host could not keep the guest's disk: " + reason));
  bury();
}

void MachineState::on_connection_lost(const std::string& why) {
  // What the guest said last may be lost too: then nothing can be said of how it ended.
  conclude(host_end(why));
}

MachineEnd MachineState::host_end(const std::string& detail) const {
  return {MachineEnd::Cause::host, detail,
          fmt::format("labctl doctor --connect '{}' checks that host; domain.xml in the run folder is the machine",
                      parts_.connection->uri().text)};
}

MachineEnd MachineState::end_of(int detail) const {
  if (guest_went_down_) return {MachineEnd::Cause::guest, "the guest reset or powered off", ""};
  if (detail == VIR_DOMAIN_EVENT_STOPPED_CRASHED) return {MachineEnd::Cause::guest, "the guest crashed", ""};
  if (detail == VIR_DOMAIN_EVENT_STOPPED_DESTROYED || detail == VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN)
    return host_end("somebody ended the machine on " + parts_.connection->uri().text);
  const std::string said = parts_.qemu_log.empty() ? "" : read_file(parts_.qemu_log, most_of_log).value_or("");
  std::string last;
  for (const auto line : split_lines(said)) {
    // What an emulated device says before it aborts QEMU because the guest programmed it wrongly (hw_error() in QEMU's
    // softmmu/cpus.c).
    if (line.starts_with("qemu: hardware error: ")) return {MachineEnd::Cause::guest, printable(line), ""};
    if (line.find("qemu-system-") != std::string_view::npos && line.find(": ") != std::string_view::npos) last = line;
  }
  return host_end("QEMU ended" + (last.empty() ? "" : ": " + printable(last)));
}

void MachineState::conclude(MachineEnd end) {
  {
    const std::lock_guard lock(mutex_);
    if (end_) return;
  }
  console_->stop();
  agent_->stop();
  const std::lock_guard lock(mutex_);
  end_ = std::move(end);
  changed_.notify_all();
}

void MachineState::take_console(std::string_view bytes) {
  console_bytes_ += bytes.size();
  for (std::string_view rest = bytes; !rest.empty();) {
    const ssize_t put = ::write(parts_.console_log.get(), rest.data(), rest.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) break;  // a full disk must not hide what the guest said: the tail below is kept
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  {
    const std::lock_guard lock(mutex_);
    tail_ += bytes;
    if (tail_.size() > 2 * tail_bytes) tail_.erase(0, tail_.size() - tail_bytes);
  }
  if (console_bytes_ <= parts_.limits.console_bytes) return;
  conclude(
      {MachineEnd::Cause::flooded, fmt::format("its console passed {}", human_size(parts_.limits.console_bytes)), ""});
  bury();
}

}  // namespace labctl
