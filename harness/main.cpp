// The composition root: signals, one catch, the exit code.
#include <cstdio>
#include <exception>

#include "cli/cli.hpp"

int main(int argc, char** argv) {
  try {
    labctl::StopSource stop;
    stop.install_signal_handlers();
    return static_cast<int>(labctl::run_cli(argc, argv, stop.token()));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "labctl: internal error: %s\n", error.what());
    return static_cast<int>(labctl::ExitCode::harness);
  }
}
