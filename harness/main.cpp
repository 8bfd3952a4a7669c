// The composition root: signals, one catch, the exit code.
#include <fcntl.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "cli/cli.hpp"

int main(int argc, char** argv) {
  // A closed standard stream would be reused by the first file that is opened.
  for (int fd = 0; fd <= 2; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) < 0) return 3;
  // Inherited as ignored it would make every child's end unknown.
  std::signal(SIGCHLD, SIG_DFL);
  try {
    labctl::StopSource stop;
    stop.install_signal_handlers();
    return static_cast<int>(labctl::run_cli(argc, argv, stop.token()));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "labctl: internal error: %s\n", error.what());
    return static_cast<int>(labctl::ExitCode::harness);
  }
}
