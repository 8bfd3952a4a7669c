// A lab as its author wrote it, checked and with defaults filled in. Made by spec/, read by everything after it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace labctl {

// Where in the spec something was written. line and column count from 1; 0 where it was not written but is a default.
struct SourceLocation {
  std::filesystem::path file;
  int line = 0;
  int column = 0;
};

// What text must be. All given conditions must hold.
struct TextExpectation {
  std::optional<std::string> equals;  // the whole text; one final newline on either side does not count
  std::vector<std::string> contains;  // each somewhere in the text
  std::vector<std::string> lacks;     // none anywhere in the text
  std::vector<std::string> matches;   // RE2, each found somewhere; (?m) for lines. Compiled once by spec/ as a check.
  std::optional<std::int64_t> lines;  // the number of lines

  bool empty() const { return !equals && contains.empty() && lacks.empty() && matches.empty() && !lines; }
};

// Levels as in <linux/kern_levels.h>: 0 emerg, 1 alert, 2 crit, 3 err, 4 warning, 5 notice, 6 info, 7 debug.
enum class LogLevel : int { emerg, alert, crit, err, warning, notice, info, debug };

struct LoadStep {
  std::string module;                                       // a name from Lab::modules
  std::vector<std::pair<std::string, std::string>> params;  // in the spec's order, as given to the kernel
  int expect_errno = 0;                                     // 0: must succeed
};

struct UnloadStep {
  std::string module;
  int expect_errno = 0;
};

struct ReadStep {
  std::string path;  // absolute, in the guest
  int expect_errno = 0;
  TextExpectation expect;
};

struct WriteStep {
  std::string path;
  std::string data;
  int expect_errno = 0;
  std::optional<std::uint64_t> expect_bytes;  // what write() must return; otherwise it must take all of data
};

struct RunStep {
  std::vector<std::string> argv;  // argv[0] is looked up in the guest's PATH (busybox)
  std::string stdin_data;
  // Exactly one of the two is meant: the status, or the signal if given.
  int expect_exit = 0;
  std::optional<int> expect_signal;
  TextExpectation expect_stdout;
  TextExpectation expect_stderr;
};

enum class LogScope { test, step };  // records since the test's start, or since the previous step began

struct DmesgStep {
  std::vector<std::string> has;        // each in a record of its own or shared, in any order
  std::vector<std::string> lacks;      // in no record
  std::vector<std::string> matches;    // RE2, each in some record
  std::vector<std::string> sequence;   // each in a record after that of the one before
  std::optional<std::uint64_t> count;  // exact number of records that hold count_text
  std::string count_text;
  std::optional<LogLevel> level;  // only records of this level are looked at
  LogScope scope = LogScope::test;
  std::chrono::milliseconds within{0};  // how long to wait for has, matches, sequence and count to come true
};

using Action = std::variant<LoadStep, UnloadStep, ReadStep, WriteStep, RunStep, DmesgStep>;

struct Step {
  Action action;
  bool continue_on_failure = false;                // otherwise a failed expectation ends the test
  std::optional<std::chrono::milliseconds> limit;  // how long the action may take; Limits::step otherwise
  SourceLocation where;
};

struct Test {
  std::string name;  // unique in the lab
  std::optional<int> points;
  std::string hint;
  std::vector<Step> steps;
  SourceLocation where;
};

struct ModuleSpec {
  std::string name;                  // the module's name, and its .ko's
  std::vector<std::string> sources;  // .c files (and .h beside them), relative to the module's folder
  std::vector<std::string> cflags;   // extra compiler flags
  SourceLocation where;
};

struct KernelNeeds {
  std::string min_version;          // "5.4", empty: any
  std::string max_version;          // "6.1" includes every 6.1.y; empty: any
  std::vector<std::string> config;  // options that must be set, without CONFIG_
};

struct Lab {
  std::string id;  // [a-z0-9-]+, the folder's name
  std::string title;
  std::string topic;
  KernelNeeds kernel;
  std::string flavour;  // "release", "debug" or empty: the user's choice
  int cpus = 1;
  int memory_mib = 0;               // 0: the flavour's default
  std::vector<ModuleSpec> modules;  // the first is the one that --module replaces
  std::vector<Test> tests;
  std::filesystem::path file;  // lab.yaml
  std::string text;            // the spec as read, for the run folder
};

// The step's kind as the spec writes it: "load", "read", ...
std::string step_kind(const Step& step);
// The step in one line, as a person would say it: "load modparams freq=9", "read /proc/counter".
std::string step_summary(const Step& step);
std::string_view level_name(LogLevel level);

}  // namespace labctl
