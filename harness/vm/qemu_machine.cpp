#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "process/process.hpp"
#include "support/files.hpp"
#include "support/text.hpp"
#include "vm/qemu.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

struct SocketPair {
  Fd ours;
  Fd theirs;
};

Result<SocketPair> make_socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(Fault::harness, fmt::format("cannot create a socket pair: {}", std::strerror(errno)));
  return SocketPair{Fd(ends[0]), Fd(ends[1])};
}

// What QEMU's monitor (QMP) says. Fed bytes, it keeps why the guest stopped, how a migration went, and the answer
// to a command.
class MonitorReader {
 public:
  void feed(std::string_view bytes) {
    line_ += bytes;
    for (auto end = line_.find('\n'); end != std::string::npos; end = line_.find('\n')) {
      take(line_.substr(0, end));
      line_.erase(0, end + 1);
    }
    if (line_.size() > 1 << 20) line_.clear();
  }
  // "guest-reset", "guest-shutdown", "guest-panic"; empty when the guest was not the cause.
  const std::string& guest_reason() const { return guest_reason_; }
  // Why the host could not read or write the guest's disk; empty as long as it could.
  const std::string& disk_error() const { return disk_error_; }
  // "active", "completed", "failed", ...; empty before there was one.
  const std::string& migration() const { return migration_; }
  // The answer since the last call, {"return": ...} or {"error": ...}.
  std::optional<nlohmann::json> take_answer() { return std::exchange(answer_, std::nullopt); }

 private:
  void take(const std::string& line) {
    const auto message = nlohmann::json::parse(line, nullptr, false);
    if (!message.is_object()) return;
    if (message.contains("return") || message.contains("error")) answer_ = message;
    const auto event = message.value("event", "");
    const auto data = message.value("data", nlohmann::json::object());
    if (!data.is_object()) return;
    if (event == "SHUTDOWN" && data.value("guest", false)) guest_reason_ = data.value("reason", "guest-shutdown");
    if (event == "BLOCK_IO_ERROR") disk_error_ = data.value("reason", "unknown reason");
    if (event == "MIGRATION") migration_ = data.value("status", "");
  }

  std::string line_;
  std::string guest_reason_;
  std::string disk_error_;
  std::string migration_;
  std::optional<nlohmann::json> answer_;
};

// A command, with a descriptor sent along for getfd.
bool send_command(int socket, const std::string& line, int descriptor) {
  iovec bytes{const_cast<char*>(line.data()), line.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
}

// A snapshot's files beside the guest's memory.
constexpr const char* state_file = "state";       // of the devices
constexpr const char* agent_file = "agent-said";  // up to the moment
constexpr const char* console_file = "console";   // likewise

struct SaidBefore {
  std::string agent;
  std::string console;
};

Result<SaidBefore> read_said_before(const Snapshot& snapshot) {
  if (snapshot.use != Snapshot::Use::restore) return SaidBefore{};
  auto agent = read_file(snapshot.folder / agent_file);
  if (!agent) return fail(agent.error());
  auto console = read_file(snapshot.folder / console_file);
  if (!console) return fail(console.error());
  return SaidBefore{std::move(*agent), std::move(*console)};
}

class QemuMachine final : public Machine {
 public:
  QemuMachine(MachineSpec spec, SaidBefore before, Child child, Fd agent, Fd console, Fd monitor, Fd console_log,
              Limits limits)
      : spec_(std::move(spec)),
        before_(std::move(before)),
        child_(std::move(child)),
        agent_(std::move(agent)),
        console_(std::move(console)),
        monitor_(std::move(monitor)),
        console_log_(std::move(console_log)),
        wake_(::eventfd(0, EFD_CLOEXEC)),
        limits_(limits),
        pump_([this] { pump(); }) {}

  ~QemuMachine() override {
    stop();
    pump_.join();
  }

  int agent_fd() const override { return agent_.get(); }

  std::optional<MachineEnd> ended() const override {
    const std::lock_guard lock(mutex_);
    return end_;
  }

  std::optional<MachineEnd> wait_end(std::chrono::milliseconds limit) override {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [this] { return end_.has_value(); });
    return end_;
  }

  std::string console_tail(std::size_t max_bytes) const override {
    const std::lock_guard lock(mutex_);
    return tail_.size() > max_bytes ? tail_.substr(tail_.size() - max_bytes) : tail_;
  }

  void stop() override {
    const std::uint64_t one = 1;
    if (::write(wake_.get(), &one, sizeof one) < 0) {
      // Only possible when it is set already.
    }
  }

  void interrupt() override { (void)execute("inject-nmi"); }

  // Documentation/scheduler/sched-stats.rst: the first two numbers of /proc/PID/schedstat, in nanoseconds.
  HostTime host_time() const override {
    HostTime time;
    std::error_code error;
    for (const auto& thread : fs::directory_iterator(fmt::format("/proc/{}/task", child_.pid()), error)) {
      std::ifstream file(thread.path() / "schedstat");
      std::int64_t ran = 0, waited = 0;
      if (!(file >> ran >> waited)) continue;
      time.ran += std::chrono::nanoseconds(ran);
      time.waited = std::max(time.waited, std::chrono::nanoseconds(waited));
    }
    return time;
  }

  Status save(const std::string& agent_said) override {
    const fs::path& folder = spec_.snapshot.folder;
    Fd state(::open((folder / state_file).c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!state) return system_error("cannot write", folder / state_file, errno);
    if (auto stopped = execute("stop"); !stopped) return stopped;
    if (auto kept = migrate("migrate", state.get()); !kept) return kept;
    // QEMU's end is the end of all that it sends.
    (void)execute("quit");
    if (!wait_end(limits_.tool)) return fail(Fault::harness, "QEMU did not quit");
    std::string said = agent_said;
    char buffer[1 << 14];
    for (ssize_t got = 1; got > 0;) {
      got = ::recv(agent_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (got > 0) said.append(buffer, static_cast<std::size_t>(got));
    }
    if (auto kept = write_file(folder / agent_file, said); !kept) return kept;
    auto console = read_file(spec_.folder / "console.log");
    if (!console) return fail(console.error());
    return write_file(folder / console_file, *console);
  }

  std::string agent_said() const override { return before_.agent; }

  // To be called first. QEMU sends events and takes commands only then.
  Status greet() { return execute("qmp_capabilities"); }

  // For a machine that was started to be restored.
  Status restore() {
    const fs::path file = spec_.snapshot.folder / state_file;
    const Fd state(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!state) return system_error("cannot read", file, errno);
    if (auto loaded = migrate("migrate-incoming", state.get()); !loaded) return loaded;
    return execute("cont");
  }

 private:
  using Json = nlohmann::json;

  // Sends a QMP command and waits for its answer.
  Status execute(const std::string& command, const Json& arguments = Json::object(), int descriptor = -1) {
    const std::string line = Json{{"execute", command}, {"arguments", arguments}}.dump() + "\n";
    std::unique_lock lock(mutex_);
    std::optional<Json> answer;
    if (send_command(monitor_.get(), line, descriptor)) {
      changed_.wait_for(lock, limits_.tool, [&] { return (answer = events_.take_answer()) || end_; });
    } else {
      // QEMU is going: why, it is known once it has gone.
      changed_.wait_for(lock, limits_.tool, [&] { return end_.has_value(); });
    }
    if (!answer)
      return fail(Fault::harness,
                  end_ ? end_->detail
                       : fmt::format("QEMU did not answer \"{}\" within {}", command, human_duration(limits_.tool)),
                  host_failure_hint);
    if (answer->contains("error"))
      return fail(Fault::harness,
                  fmt::format("QEMU refuses \"{}\": {}", command, (*answer)["error"].value("desc", answer->dump())),
                  host_failure_hint);
    return {};
  }

  // Saves or loads the devices' state. The guest's memory is not in it (x-ignore-shared): that is the file.
  Status migrate(const std::string& command, int state) {
    const auto switched_on = [](const char* capability) { return Json{{"capability", capability}, {"state", true}}; };
    const Json capabilities = {{"capabilities", {switched_on("x-ignore-shared"), switched_on("events")}}};
    if (auto set = execute("migrate-set-capabilities", capabilities); !set) return set;
    if (auto given = execute("getfd", {{"fdname", "state"}}, state); !given) return given;
    if (auto begun = execute(command, {{"uri", "fd:state"}}); !begun) return begun;
    std::unique_lock lock(mutex_);
    const auto over = [&] { return events_.migration() == "completed" || events_.migration() == "failed" || end_; };
    changed_.wait_for(lock, limits_.tool, over);
    if (events_.migration() == "completed") return {};
    return fail(Fault::harness,
                fmt::format("QEMU's \"{}\" {}", command, end_ ? "failed: " + end_->detail : "did not complete"));
  }

  static constexpr std::size_t tail_bytes = 1 << 16;

  // One thread for each machine takes in the console, the monitor and QEMU's own messages until QEMU has ended.
  void pump() {
    take_console(before_.console);
    std::string said;  // QEMU's stderr
    MachineEnd end;
    bool stopped_by_us = false;
    bool disk_failed = false;
    bool gone = false;
    while (!gone) {
      pollfd items[6] = {{console_.get(), POLLIN, 0},     {monitor_.get(), POLLIN, 0}, {child_.stderr_fd(), POLLIN, 0},
                         {child_.stdout_fd(), POLLIN, 0}, {child_.pidfd(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
      for (auto& item : items)
        if (closed_[&item - items]) item.fd = -1;
      if (::poll(items, 6, -1) < 0) continue;
      for (int i = 0; i < 4; ++i)
        if (items[i].revents != 0) take(i, items[i].fd, said);
      gone = items[4].revents != 0;
      if (!events_.disk_error().empty()) {
        // QEMU has stopped the guest (werror=stop), which does not learn of it.
        disk_failed = true;
        child_.terminate(std::chrono::milliseconds(0));
        gone = true;
      }
      if (items[5].revents != 0 || console_bytes_ > limits_.console_bytes) {
        stopped_by_us = true;
        end.cause = console_bytes_ > limits_.console_bytes ? MachineEnd::Cause::flooded : MachineEnd::Cause::stopped;
        child_.terminate(std::chrono::milliseconds(0));
        gone = true;
      }
    }
    // What was said before the end and not read yet.
    for (int i = 0; i < 4 && console_bytes_ <= limits_.console_bytes; ++i)
      drain(i, said);
    const ProcessEnd how = child_.poll_end().value_or(ProcessEnd{});
    if (!stopped_by_us) {
      const std::string abuse = how.signal == SIGABRT ? hardware_error(said) : "";
      const bool by_guest = !disk_failed && (!events_.guest_reason().empty() || !abuse.empty());
      end.cause = by_guest ? MachineEnd::Cause::guest : MachineEnd::Cause::host;
      end.detail = disk_failed      ? "the host could not keep the guest's disk: " + events_.disk_error()
                   : !by_guest      ? host_failure(how, said)
                   : !abuse.empty() ? abuse
                                    : events_.guest_reason();
    } else if (end.cause == MachineEnd::Cause::flooded) {
      end.detail = fmt::format("its console passed {}", human_size(limits_.console_bytes));
    }
    ::shutdown(agent_.get(), SHUT_RDWR);
    const std::lock_guard lock(mutex_);
    end_ = end;
    changed_.notify_all();
  }

  // What an emulated device says before it aborts QEMU because the guest programmed it wrongly (hw_error() in QEMU's
  // softmmu/cpus.c); empty if none did.
  static std::string hardware_error(const std::string& said) {
    for (const auto& line : split_lines(said))
      if (line.starts_with("qemu: hardware error: ")) return printable(line);
    return {};
  }

  static std::string host_failure(const ProcessEnd& how, const std::string& said) {
    std::string text = "QEMU ended: " + how.describe();
    const auto lines = split_lines(said);
    if (!lines.empty()) text += ": " + printable(lines.back());
    return text;
  }

  bool take(int which, int fd, std::string& said) {
    char buffer[1 << 16];
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) {
      closed_[which] = true;
      return false;
    }
    const std::string_view bytes(buffer, static_cast<std::size_t>(got));
    if (which == 0) take_console(bytes);
    if (which == 1) {
      const std::lock_guard lock(mutex_);
      events_.feed(bytes);
      changed_.notify_all();
    }
    if (which == 2 && said.size() < 1 << 16) said += bytes;
    return true;
  }

  void drain(int which, std::string& said) {
    const int fds[] = {console_.get(), monitor_.get(), child_.stderr_fd(), child_.stdout_fd()};
    while (!closed_[which]) {
      pollfd item{fds[which], POLLIN, 0};
      if (::poll(&item, 1, 0) <= 0 || !take(which, fds[which], said)) return;
    }
  }

  void take_console(std::string_view bytes) {
    console_bytes_ += bytes.size();
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const ssize_t put = ::write(console_log_.get(), rest.data(), rest.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) break;  // a full disk must not hide what the guest said: the tail below is kept
      rest.remove_prefix(static_cast<std::size_t>(put));
    }
    const std::lock_guard lock(mutex_);
    tail_ += bytes;
    if (tail_.size() > 2 * tail_bytes) tail_.erase(0, tail_.size() - tail_bytes);
  }

  const MachineSpec spec_;
  const SaidBefore before_;
  Child child_;
  Fd agent_;
  Fd console_;
  Fd monitor_;
  Fd console_log_;
  Fd wake_;
  Limits limits_;
  bool closed_[6] = {};
  std::uint64_t console_bytes_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string tail_;
  std::optional<MachineEnd> end_;
  MonitorReader events_;

  std::thread pump_;  // last: it uses all the others
};

class QemuDriver final : public MachineDriver {
 public:
  QemuDriver(QemuProgram qemu, Limits limits) : qemu_(std::move(qemu)), limits_(limits) {}

  Result<std::unique_ptr<Machine>> start(const MachineSpec& spec) override {
    auto agent = make_socket_pair();
    auto console = make_socket_pair();
    auto monitor = make_socket_pair();
    if (!agent) return fail(agent.error());
    if (!console) return fail(console.error());
    if (!monitor) return fail(monitor.error());
    auto before = read_said_before(spec.snapshot);
    if (!before) return fail(before.error());
    const auto log = spec.folder / "console.log";
    Fd console_log(::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!console_log) return system_error("cannot write", log, errno);

    ProcessSpec process;
    process.argv = qemu_arguments(qemu_, spec);
    process.descriptors = {{agent->theirs.get(), QemuSockets::agent},
                           {console->theirs.get(), QemuSockets::console},
                           {monitor->theirs.get(), QemuSockets::monitor}};
    std::string shown;
    for (const auto& word : process.argv)
      shown += word + "\n";
    if (auto written = write_file(spec.folder / "qemu.args", shown); !written) return fail(written.error());

    auto child = start_process(process, true);
    if (!child) return fail(child.error());
    auto machine = std::make_unique<QemuMachine>(spec, std::move(*before), std::move(*child), std::move(agent->ours),
                                                 std::move(console->ours), std::move(monitor->ours),
                                                 std::move(console_log), limits_);
    if (auto greeted = machine->greet(); !greeted) return fail(greeted.error());
    if (spec.snapshot.use == Snapshot::Use::restore)
      if (auto restored = machine->restore(); !restored) return fail(restored.error());
    return machine;
  }

 private:
  QemuProgram qemu_;
  Limits limits_;
};

}  // namespace

std::unique_ptr<MachineDriver> make_qemu_driver(QemuProgram qemu, Limits limits) {
  return std::make_unique<QemuDriver>(std::move(qemu), limits);
}

}  // namespace labctl
