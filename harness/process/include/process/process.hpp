// Child processes, the only place that starts any. Boost.Process starts them; deadlines, capture and clean-up are
// ours, because its waits block past an exited child and its terminate() leaves grandchildren.
//
// Every child leads its own process group and is killed when the thread that started it ends, however it ends
// (PR_SET_PDEATHSIG), so a child must be started by a thread that outlives it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/fd.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

struct ProcessSpec {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH; never a shell string
  std::filesystem::path cwd;      // empty: ours
  // Added to, or replacing in, our own environment.
  std::vector<std::pair<std::string, std::string>> environment;
  std::string stdin_data;  // then end of file
  // Descriptors to hand down: (ours, number in the child). 0 to 2 are taken; a number in the
  // child is below 910. Not closed on our side.
  std::vector<std::pair<int, int>> descriptors;
  std::uint64_t address_space_bytes = 0;  // RLIMIT_AS of the child; 0: unlimited
  std::uint64_t file_size_bytes = 0;      // RLIMIT_FSIZE of the child; 0: unlimited
};

// How a child ended. Exactly one of exit_status (signal == 0) and signal is meaningful.
struct ProcessEnd {
  int exit_status = 0;
  int signal = 0;
  bool success() const { return signal == 0 && exit_status == 0; }
  std::string describe() const;  // "exit status 2", "killed by SIGKILL"
};

// A running child. Destroying it kills its whole group and reaps it.
class Child {
 public:
  Child(Child&&) noexcept;
  Child& operator=(Child&&) noexcept;
  ~Child();

  pid_t pid() const;
  int pidfd() const;      // readable once the child has ended
  int stdout_fd() const;  // -1 when not captured
  int stderr_fd() const;
  int stdin_fd() const;  // -1 once all is written
  // Writes what the pipe takes, removes it from input, and closes when nothing is left. For a poll loop.
  void feed_stdin(std::string_view& input);
  // The end, if it has come; does not block.
  std::optional<ProcessEnd> poll_end();
  // SIGTERM to the group, SIGKILL after the grace; returns when the child is reaped.
  ProcessEnd terminate(std::chrono::milliseconds grace);

 private:
  friend Result<Child> start_process(const ProcessSpec&, bool);
  struct Impl;
  explicit Child(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Starts a child. With capture, stdout and stderr are pipes to read; otherwise both go to /dev/null.
// Fault::harness when it cannot be started ("cannot start \"qemu\": not found in PATH").
Result<Child> start_process(const ProcessSpec& spec, bool capture);

struct RunLimits {
  std::chrono::milliseconds deadline{0};    // 0: none
  std::uint64_t output_bytes = 1ULL << 20;  // of each of stdout and stderr; the rest is read and dropped
};

struct ProcessOutcome {
  std::vector<std::string> argv;
  ProcessEnd end;
  bool timed_out = false;
  bool truncated = false;
  std::string standard_output;
  std::string standard_error;
  std::chrono::milliseconds took{0};

  bool success() const { return !timed_out && end.success(); }
  // For errors: the command, how it ended and the last lines it said.
  std::string describe() const;
};

// Runs a child to its end, its deadline, or the stop token (Fault::interrupted). on_line is given each line of
// stdout as it comes, without the newline.
Result<ProcessOutcome> run_process(const ProcessSpec& spec, const RunLimits& limits, StopToken stop,
                                   const std::function<void(std::string_view)>& on_line = {});

// The program's absolute path, searched in PATH.
std::optional<std::filesystem::path> find_program(const std::string& name);

}  // namespace labctl
