#include "support/stop.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>

namespace labctl {

namespace {

// A signal handler has no argument of its own: this is where it finds the one source that handles signals.
volatile std::sig_atomic_t signal_fd = -1;

extern "C" void on_stop_signal(int) {
  const int saved = errno;
  const int fd = signal_fd;
  if (fd >= 0 && ::write(fd, "!", 1) < 0) {
    // The pipe is full: the request is already there.
  }
  errno = saved;
}

}  // namespace

bool StopToken::requested() const {
  return fd_ >= 0 && requested_within(std::chrono::milliseconds(0));
}

bool StopToken::requested_within(std::chrono::milliseconds time) const {
  pollfd item{fd_, POLLIN, 0};
  // poll() passes over a negative descriptor.
  return ::poll(&item, 1, static_cast<int>(time.count())) > 0;
}

StopSource::StopSource() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("cannot create a pipe");
  read_end_ = Fd(ends[0]);
  write_end_ = Fd(ends[1]);
}

StopSource::~StopSource() {
  if (signal_fd == write_end_.get()) signal_fd = -1;
}

void StopSource::request() {
  if (::write(write_end_.get(), "!", 1) < 0) {
    // As above.
  }
}

void StopSource::install_signal_handlers() {
  signal_fd = write_end_.get();
  struct sigaction action {};
  action.sa_handler = on_stop_signal;
  sigemptyset(&action.sa_mask);
  // Without SA_RESTART a wait for another process's lock ends on Ctrl-C.
  for (int number : {SIGINT, SIGTERM, SIGHUP}) {
    // nohup and background jobs of a shell ignore some of them on purpose.
    struct sigaction before {};
    if (::sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    ::sigaction(number, &action, nullptr);
  }
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

}  // namespace labctl
