#include "process/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/env.hpp>
#include <boost/process/environment.hpp>
#include <boost/process/exception.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>

#include "support/text.hpp"

namespace labctl {

namespace bp = boost::process;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

std::string ProcessEnd::describe() const {
  if (signal == 0) return fmt::format("exit status {}", exit_status);
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? fmt::format("killed by SIG{}", name) : fmt::format("killed by signal {}", signal);
}

struct Child::Impl {
  pid_t pid = -1;
  Fd pidfd;
  Fd out;
  Fd err;
  Fd in;  // our end of the child's stdin, while something is left to write
  std::optional<ProcessEnd> end;

  bool reap(int options) {
    if (end) return true;
    int status = 0;
    pid_t got = 0;
    do {
      got = ::waitpid(pid, &status, options);
    } while (got < 0 && errno == EINTR);
    if (got == 0) return false;
    ProcessEnd how;
    if (got < 0) how.exit_status = 127;  // somebody else reaped it: what it did is not known to have worked
    if (got == pid && WIFSIGNALED(status)) how.signal = WTERMSIG(status);
    if (got == pid && WIFEXITED(status)) how.exit_status = WEXITSTATUS(status);
    end = how;
    // What the child left in its group (a compiler under make) goes with it.
    ::kill(-pid, SIGKILL);
    return true;
  }
};

Child::Child(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Child::Child(Child&&) noexcept = default;
Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    if (impl_) terminate(std::chrono::milliseconds(0));
    impl_ = std::move(other.impl_);
  }
  return *this;
}
Child::~Child() {
  if (impl_) terminate(std::chrono::milliseconds(0));
}

pid_t Child::pid() const {
  return impl_->pid;
}
int Child::pidfd() const {
  return impl_->pidfd.get();
}
int Child::stdout_fd() const {
  return impl_->out.get();
}
int Child::stderr_fd() const {
  return impl_->err.get();
}

std::optional<ProcessEnd> Child::poll_end() {
  impl_->reap(WNOHANG);
  return impl_->end;
}

ProcessEnd Child::terminate(std::chrono::milliseconds grace) {
  if (!impl_->reap(WNOHANG)) {
    if (grace.count() > 0) {
      ::kill(-impl_->pid, SIGTERM);
      pollfd item{impl_->pidfd.get(), POLLIN, 0};
      ::poll(&item, 1, static_cast<int>(grace.count()));
    }
    if (!impl_->reap(WNOHANG)) {
      ::kill(-impl_->pid, SIGKILL);
      impl_->reap(0);
    }
  }
  return *impl_->end;
}

std::optional<fs::path> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (::access(name.c_str(), X_OK) == 0) return fs::path(name);
    return std::nullopt;
  }
  const char* path = ::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (true) {
    const auto colon = rest.find(':');
    const fs::path candidate = fs::path(rest.substr(0, colon)) / name;
    std::error_code ignored;
    if (fs::is_regular_file(candidate, ignored) && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    if (colon == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(colon + 1);
  }
}

namespace {

// Above every number that a child is given (ProcessSpec::descriptors), below the usual limit of 1024.
constexpr int lowest_moved_descriptor = 910;

struct Pipe {
  Fd read_end;
  Fd write_end;
};

// boost's own pipes are inherited by every child started meanwhile, which then keeps them open.
Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return fail(Fault::harness, fmt::format("cannot create a pipe: {}", std::strerror(errno)));
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// Runs in the child between fork and exec: only async-signal-safe calls.
struct PrepareChild : bp::extend::handler {
  int in = -1, out = -1, err = -1;
  std::vector<std::pair<int, int>> descriptors;
  std::uint64_t address_space = 0;
  std::uint64_t file_size = 0;
  const char* cwd = nullptr;
  pid_t parent = 0;

  template <class Executor>
  void on_exec_setup(Executor& executor) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);  // the parent died before prctl took effect
    // What we ignore or block is not the child's to inherit.
    ::signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0)
      executor.set_error(bp::detail::get_last_error(), "dup2");
    for (const auto& [ours, theirs] : descriptors) {
      // dup2 onto itself would leave close-on-exec set.
      if (ours == theirs ? ::fcntl(ours, F_SETFD, 0) < 0 : ::dup2(ours, theirs) < 0)
        executor.set_error(bp::detail::get_last_error(), "dup2");
    }
    if (address_space > 0) {
      const rlimit limit{address_space, address_space};
      ::setrlimit(RLIMIT_AS, &limit);
    }
    if (file_size > 0) {
      const rlimit limit{file_size, file_size};
      ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    if (cwd != nullptr && ::chdir(cwd) != 0) executor.set_error(bp::detail::get_last_error(), "chdir");
  }
};

}  // namespace

Result<Child> start_process(const ProcessSpec& spec, bool capture) {
  const auto program = find_program(spec.argv.at(0));
  if (!program)
    return fail(Fault::harness, fmt::format("cannot start \"{}\": not found in PATH", spec.argv[0]),
                "labctl doctor names the package that has it");

  auto impl = std::make_unique<Child::Impl>();
  Fd null_in(::open("/dev/null", O_RDWR | O_CLOEXEC));
  Pipe in, out, err;
  PrepareChild prepare;
  prepare.parent = ::getpid();
  // Out of the way of the numbers that the child is to have: dup2() in turn would overwrite one that is still needed.
  std::vector<Fd> moved;
  for (const auto& [ours, theirs] : spec.descriptors) {
    moved.emplace_back(::fcntl(ours, F_DUPFD_CLOEXEC, lowest_moved_descriptor));
    if (!moved.back())
      return fail(Fault::harness, fmt::format("cannot hand a descriptor down: {}", std::strerror(errno)),
                  "allow more open files: ulimit -n 1024");
    prepare.descriptors.emplace_back(moved.back().get(), theirs);
  }
  prepare.address_space = spec.address_space_bytes;
  prepare.file_size = spec.file_size_bytes;
  if (!spec.cwd.empty()) prepare.cwd = spec.cwd.c_str();
  prepare.in = prepare.out = prepare.err = null_in.get();
  if (!spec.stdin_data.empty()) {
    auto made = make_pipe();
    if (!made) return fail(made.error());
    in = std::move(*made);
    prepare.in = in.read_end.get();
  }
  if (capture) {
    auto made_out = make_pipe();
    auto made_err = make_pipe();
    if (!made_out) return fail(made_out.error());
    if (!made_err) return fail(made_err.error());
    out = std::move(*made_out);
    err = std::move(*made_err);
    prepare.out = out.write_end.get();
    prepare.err = err.write_end.get();
  }

  bp::environment environment = boost::this_process::environment();
  for (const auto& [name, value] : spec.environment)
    environment[name] = value;
  const std::vector<std::string> arguments(spec.argv.begin() + 1, spec.argv.end());
  // Boost sets close-on-exec on its error pipe a moment after it made it. A child that another thread starts in between
  // would hold that pipe open, and this thread would wait for it for as long as that child lives.
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  try {
    bp::child child(bp::exe = program->string(), bp::args = arguments, environment, prepare);
    impl->pid = child.id();
    child.detach();
  } catch (const bp::process_error& error) {
    return fail(Fault::harness, fmt::format("cannot start \"{}\": {}", spec.argv[0], error.code().message()));
  }
  // Also here, so that a kill to the group cannot come before the child made it.
  ::setpgid(impl->pid, impl->pid);
  impl->pidfd = Fd(static_cast<int>(::syscall(SYS_pidfd_open, impl->pid, 0)));
  if (!impl->pidfd) {
    const std::string why = std::strerror(errno);
    ::kill(-impl->pid, SIGKILL);
    impl->reap(0);
    return fail(Fault::harness, fmt::format("cannot watch a child process (pidfd_open: {})", why),
                "labctl needs Linux 5.3 or newer, and a container that allows pidfd_open");
  }
  if (capture) {
    impl->out = std::move(out.read_end);
    impl->err = std::move(err.read_end);
  }
  if (in.write_end) {
    ::fcntl(in.write_end.get(), F_SETFL, O_NONBLOCK);
    impl->in = std::move(in.write_end);
  }
  return Child(std::move(impl));
}

std::string ProcessOutcome::describe() const {
  std::string text = join(argv, " ");
  if (text.size() > 400) text = text.substr(0, 400) + "...";
  text = fmt::format("{}: {}", text, timed_out ? "did not end within its time limit" : end.describe());
  const std::string& said = standard_error.empty() ? standard_output : standard_error;
  const auto lines = split_lines(said);
  for (std::size_t i = lines.size() > 10 ? lines.size() - 10 : 0; i < lines.size(); ++i)
    text += "\n  " + printable(lines[i]);
  return text;
}

namespace {

// One captured stream: kept up to a cap, cut into lines for a listener.
class Capture {
 public:
  Capture(int fd, std::uint64_t cap, const std::function<void(std::string_view)>* on_line)
      : fd_(fd), cap_(cap), on_line_(on_line) {}

  int fd() const { return fd_; }
  bool truncated() const { return truncated_; }
  std::string take() { return std::move(text_); }

  // Reads what is there; closes at end of file.
  void read_some() {
    char buffer[1 << 16];
    const ssize_t got = ::read(fd_, buffer, sizeof buffer);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got <= 0) {
      fd_ = -1;
      if (on_line_ != nullptr && !line_.empty()) (*on_line_)(line_);
      return;
    }
    const std::string_view bytes(buffer, static_cast<std::size_t>(got));
    const std::size_t room = static_cast<std::size_t>(cap_ - std::min<std::uint64_t>(cap_, text_.size()));
    text_ += bytes.substr(0, room);
    truncated_ = truncated_ || room < bytes.size();
    if (on_line_ != nullptr) feed_lines(bytes);
  }

 private:
  void feed_lines(std::string_view bytes) {
    for (char c : bytes) {
      if (c == '\n') {
        (*on_line_)(line_);
        line_.clear();
      } else if (line_.size() < 4096) {
        line_ += c;
      }
    }
  }

  int fd_;
  std::uint64_t cap_;
  const std::function<void(std::string_view)>* on_line_;
  std::string text_;
  std::string line_;
  bool truncated_ = false;
};

}  // namespace

Result<ProcessOutcome> run_process(const ProcessSpec& spec, const RunLimits& limits, StopToken stop,
                                   const std::function<void(std::string_view)>& on_line) {
  const auto began = Clock::now();
  auto child = start_process(spec, true);
  if (!child) return fail(child.error());

  ProcessOutcome outcome;
  outcome.argv = spec.argv;
  Capture out(child->stdout_fd(), limits.output_bytes, on_line ? &on_line : nullptr);
  Capture err(child->stderr_fd(), limits.output_bytes, nullptr);
  std::string_view input = spec.stdin_data;
  bool ended = false;
  while (!ended || out.fd() >= 0 || err.fd() >= 0) {
    int wait_ms = -1;
    if (limits.deadline.count() > 0 && !ended) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(began + limits.deadline - Clock::now());
      if (left.count() <= 0) {
        outcome.timed_out = true;
        break;
      }
      wait_ms = static_cast<int>(std::min<std::int64_t>(left.count() + 1, 1 << 30));
    }
    // Once the child is gone its group is killed, so the pipes close at once, unless a process left the group.
    if (ended) wait_ms = 1000;
    pollfd items[5] = {{out.fd(), POLLIN, 0},
                       {err.fd(), POLLIN, 0},
                       {ended ? -1 : child->pidfd(), POLLIN, 0},
                       {stop.fd(), POLLIN, 0},
                       {child->stdin_fd(), POLLOUT, 0}};
    const int ready = ::poll(items, 5, wait_ms);
    if (ready < 0 && errno != EINTR) break;
    if (ready <= 0) {
      if (ready == 0 && ended) break;
      continue;
    }
    if (items[3].revents != 0) {
      child->terminate(std::chrono::milliseconds(500));
      return fail(Fault::interrupted, "interrupted");
    }
    if (items[4].revents != 0) child->feed_stdin(input);
    if (items[0].revents != 0) out.read_some();
    if (items[1].revents != 0) err.read_some();
    if (items[2].revents != 0) ended = child->poll_end().has_value();
  }
  outcome.end = outcome.timed_out ? child->terminate(std::chrono::milliseconds(0)) : *child->poll_end();
  outcome.truncated = out.truncated() || err.truncated();
  outcome.standard_output = out.take();
  outcome.standard_error = err.take();
  outcome.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
  return outcome;
}

int Child::stdin_fd() const {
  return impl_->in.get();
}

void Child::feed_stdin(std::string_view& input) {
  const ssize_t put = ::write(impl_->in.get(), input.data(), input.size());
  if (put < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (put < 0) {
    impl_->in.reset();  // the child does not read on
    return;
  }
  input.remove_prefix(static_cast<std::size_t>(put));
  if (input.empty()) impl_->in.reset();
}

}  // namespace labctl
