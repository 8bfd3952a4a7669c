// What the guest reported. Observations are facts; every judgement on them is made on the host, by check/.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/build_result.hpp"
#include "model/kernel_report.hpp"
#include "model/leftover.hpp"

namespace labctl {

// One record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg in the kernel).
struct KmsgRecord {
  std::uint64_t sequence = 0;
  int level = 6;                   // 0 emerg to 7 debug
  int facility = 0;                // 0 is the kernel; others were written by user space
  std::uint64_t timestamp_us = 0;  // since boot, guest clock
  std::string caller;              // "T123" or "C0" with CONFIG_PRINTK_CALLER, else empty
  std::string text;                // may hold newlines; escapes undone
};

// How an action ended, from the host's point of view.
enum class Ending {
  completed,    // the agent answered
  killed,       // the process that did the action died in it: the kernel killed it, as after an oops
  timed_out,    // no answer within the step's limit
  guest_ended,  // the machine reset, panicked or stopped while the action ran
  flooded,      // the machine was stopped because its console or kernel log passed the cap
  tampered,     // an answer that the agent cannot have sent
  not_run,      // an earlier step ended the test
};

// A task of the guest's, at the moment when a step's time was over.
struct StuckTask {
  int id = 0;
  std::string name;
  char state = 0;     // as in proc(5): R runs or waits for a CPU, S sleeps, D does so and cannot be interrupted, ...
  bool own = false;   // it does the step's action
  std::string stack;  // /proc/PID/stack: a frame a line, innermost first
};

// Where a guest was when a step's time was over.
struct Hang {
  std::vector<StuckTask> tasks;
  // What the kernel said to those who asked it: what each CPU does, which locks are held. No part of the test's log.
  std::vector<KmsgRecord> said;
};

// Where a kernel has put the code of a module that it was told to load.
struct LoadedCode {
  struct Section {
    std::string name;           // ".text"
    std::uint64_t address = 0;  // of its first byte
  };
  std::string module;             // as the lab names it
  std::vector<Section> sections;  // empty: it had gone again before anybody could ask
};

// Memory that nothing in the kernel points to any more (kmemleak).
struct LeakedObject {
  std::uint64_t bytes = 0;
  std::chrono::microseconds allocated{0};  // at the latest, on the guest's clock; as exact as the kernel's tick
  std::vector<StackFrame> trace;           // of its allocation, innermost first
};

struct Observation {
  Ending ending = Ending::not_run;
  int error_number = 0;  // errno of the system call that the action is about; 0: it succeeded
  int killed_by = 0;     // signal, when ending is killed
  std::string data;      // what was read; empty for other actions
  std::uint64_t bytes_written = 0;
  std::int64_t result = 0;         // seek: the offset; ioctl: what it returned; poll: events
  bool rebooted = false;           // reboot: the machine went down as told, and is up again
  int exit_status = 0;             // run: meaningful when exit_signal is 0
  int exit_signal = 0;             // run: the signal that ended the program
  bool program_timed_out = false;  // run: it was ended at the step's limit
  std::size_t parts_written = 0;   // run: how many parts of its input it was given
  std::string standard_output;
  std::string standard_error;
  bool truncated = false;             // data or an output was cut at its cap
  std::chrono::microseconds took{0};  // guest clock
  std::chrono::microseconds at{0};    // when it ended, on the guest's clock
  std::chrono::microseconds mark{0};  // of a step that has a mark: a moment before it began, on the guest's clock
  bool still_running = false;         // running: what it speaks of is under way
  std::optional<BuildResult> build;   // build: how the module was built
  std::optional<LoadedCode> loaded;   // load: where the module is
  // load: how many allocations more would have reached the one that was to fail; nothing: not asked for, or not known
  std::optional<std::uint32_t> allocations_left;
  std::string refusal;       // load: what of the module's file the kernel refused; empty: not known
  std::optional<Hang> hang;  // it was not over within its limit; nothing: it was, or nobody could be asked
  std::string unresolved;    // why the step could not even be tried: a value that is missing, or no number
  // Records of the kernel log that appeared while this step ran: indexes [log_begin, log_end) of the test's log.
  std::size_t log_begin = 0;
  std::size_t log_end = 0;
};

// What the kernel showed before the first module was loaded, and when none was loaded any more.
struct Surveys {
  Survey before, after;
};

// Everything seen of one machine that ran one test.
struct Evidence {
  // The kernel log since boot, in order. Of a test that boots its machine again it goes on with the first record
  // after that boot; timestamps begin anew there.
  std::vector<KmsgRecord> log;
  std::size_t test_begin = 0;       // index of the first record after the machine was ready
  std::vector<Observation> steps;   // one for each step of the test
  std::optional<Surveys> surveys;   // nothing: leftovers are not asked for, or a module is still loaded
  std::vector<LeakedObject> leaks;  // allocated by modules that are gone; empty also where it was not looked for
  std::vector<std::string> notes;   // what could not be looked at, and why: a line each
  std::string console_tail;         // last lines of ttyS0, raw
  bool log_cut = false;             // the kernel log passed its cap or the ring buffer lost records
};

}  // namespace labctl
