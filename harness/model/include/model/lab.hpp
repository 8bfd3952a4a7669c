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

// A whole number as a spec gives it: decimal, or hexadecimal with 0x, with a sign or without. In a step as it was
// written it may hold ${...} instead; resolve() of values/ makes it plain.
using Number = std::string;
// A plain one's value; nothing for anything else, or beyond 64 bits.
std::optional<std::int64_t> whole_number(std::string_view number);

// What a number in a text must be. At least one of the conditions is there.
struct NumberCheck {
  std::string of;  // RE2 with one group, which is the number; empty: the text is the number
  std::optional<Number> equals, min, max;
  std::optional<Number> near;  // at most `within` away from it
  std::string within;          // a number, or a percentage of `near`: "10%"
};

struct TableCheck;

// What text must be. All given conditions must hold.
struct TextExpectation {
  std::optional<std::string> equals;   // the whole text; one final newline on either side does not count
  std::optional<std::string> exactly;  // the whole text, byte by byte; binary
  std::vector<std::string> contains;   // each somewhere in the text
  std::vector<std::string> lacks;      // none anywhere in the text
  std::vector<std::string> matches;    // RE2, each found somewhere; (?m) for lines. Compiled once by spec/ as a check.
  std::optional<std::int64_t> lines;   // the number of lines
  std::optional<Number> bytes;         // the number of bytes
  std::vector<std::string> sequence;   // each in a line after that of the one before
  std::optional<std::vector<std::string>> unordered;  // exactly these lines, in any order
  std::vector<std::string> includes;                  // each line of each is a whole line of the text
  Number missing;                                     // how many lines of `includes` may be absent; empty: none
  std::vector<NumberCheck> numbers;
  std::vector<TableCheck> tables;
  std::vector<std::pair<std::string, std::string>> json;  // JSON pointer (RFC 6901) to what is there, as JSON or text

  bool empty() const;
};

// A struct and not a pair, because a pair of what is not yet complete cannot be in a vector (clang).
struct CellCheck {
  std::string column;
  TextExpectation is;
};

// A text as rows of words.
struct TableCheck {
  std::vector<std::string> columns;  // their names; empty: the words of the first line that is not skipped
  int skip = 0;                      // lines before the table
  std::string separator;             // between columns; empty: blanks and tabs
  std::vector<std::pair<std::string, std::string>> row;  // column and cell: the first row with all of them is meant
  std::vector<CellCheck> cells;
  bool absent = false;         // no such row
  std::optional<Number> rows;  // how many rows there are (with `row`: such rows)
};

// Levels as in <linux/kern_levels.h>: 0 emerg, 1 alert, 2 crit, 3 err, 4 warning, 5 notice, 6 info, 7 debug.
enum class LogLevel : int { emerg, alert, crit, err, warning, notice, info, debug };

// Of the allocations that loading a module makes from the slab allocator, the kernel's own included, one can be made to
// fail.
struct LoadStep {
  std::string module;                                       // a name from Lab::modules
  std::vector<std::pair<std::string, std::string>> params;  // in the spec's order, as given to the kernel
  int expect_errno = 0;                                     // 0: must succeed
  // No spec says it, runner/ does: the number of that allocation, from 1; then the load may fail, with whatever error.
  // count_allocations: none fails, but they are counted. 0: not even that.
  std::uint32_t failing_allocation = 0;
  static constexpr std::uint32_t count_allocations = INT32_MAX;
};

struct UnloadStep {
  std::string module;
  int expect_errno = 0;
  bool if_loaded = false;  // that it is not loaded is well, too; no spec says it
};

// In these a file is a path in the guest, which begins with /, or the name that an open step gave.

struct ReadStep {
  std::string file;             // a path is read to its end, a name with one read()
  std::optional<Number> bytes;  // one read() of at most so many
  std::optional<Number> at;     // from this offset (pread)
  int expect_errno = 0;
  TextExpectation expect;
};

struct WriteStep {
  std::string file;
  std::string data;
  std::optional<Number> at;  // at this offset (pwrite)
  int expect_errno = 0;
  std::optional<Number> expect_bytes;  // what write() must return; otherwise it must take all of data
};

struct StatStep {
  std::string path;
  int expect_errno = 0;
  // Field and value, as the agent names them: type, mode, owner, major, minor, size, links.
  std::vector<std::pair<std::string, std::string>> expect;
};

struct ListStep {
  std::string path;  // of a folder; its names, sorted, one a line
  int expect_errno = 0;
  TextExpectation expect;
};

struct OpenStep {
  std::string path;
  std::string name;  // what later steps call it
  int flags = 0;     // of open(2), x86-64
  int expect_errno = 0;
};

struct CloseStep {
  std::string name;
  int expect_errno = 0;
};

struct SeekStep {
  std::string name;
  Number to;
  int whence = 0;  // SEEK_SET, SEEK_CUR, SEEK_END
  int expect_errno = 0;
  std::optional<Number> expect_offset;
};

struct PollStep {
  std::string name;
  int events = 0;                        // POLLIN, ...
  std::chrono::milliseconds timeout{0};  // as given to poll()
  std::optional<int> expect;             // exactly these events; otherwise at least one of `events`
};

struct IoctlStep {
  enum class Argument { none, value, integer, data };
  std::string name;
  Number request;
  std::string request_words;  // how the spec put it together: "type c number 3 both 4"; empty: it gave the number
  Argument argument = Argument::none;
  Number value;  // passed itself, or as an integer of `size` bytes that is pointed to
  int size = 4;
  std::string data;  // bytes that are pointed to
  int expect_errno = 0;
  std::optional<Number> expect_result;   // what ioctl() returns; otherwise anything but an error
  std::optional<Number> expect_integer;  // what is in the integer afterwards
  TextExpectation expect;                // of the bytes afterwards
};

// A part of what a program reads, and when it is written.
struct InputPart {
  std::string after;                   // once the program has printed this, since the part before; empty: at once
  std::chrono::milliseconds pause{0};  // and after so long
  std::string text;
};

struct RunStep {
  std::vector<std::string> argv;  // argv[0] is looked up in the guest's PATH (busybox, the lab's programs)
  std::string stdin_data;
  std::vector<InputPart> input;  // instead of stdin_data: part by part
  bool tty = false;              // stdin, stdout and stderr are one terminal; what it shows is stdout
  std::vector<std::pair<std::string, std::string>> environment;  // besides the guest's own
  std::optional<int> user;                                       // also the group; root otherwise
  std::vector<int> cpus;                                         // that it may run on; empty: all
  std::string policy;                                            // "fifo", "rr", "batch", "idle"; empty: other
  int priority = 0;                                              // for fifo and rr: 1 to 99
  int nice = 0;
  // Exactly one of the two is meant: the status, or the signal if given.
  int expect_exit = 0;
  std::optional<int> expect_signal;
  TextExpectation expect_stdout;
  TextExpectation expect_stderr;
};

struct SleepStep {
  std::chrono::milliseconds time{0};  // of the guest's clock
};

// The machine goes down and boots again, with the same disk and nothing else of what it was.
struct RebootStep {};

// Three that speak of a step that was begun in the background.
struct WaitStep {
  std::string name;  // its end is awaited, and what it expects is judged
};
struct RunningStep {
  std::string name;
  std::chrono::milliseconds time{0};  // it must still be under way after this
};
struct KillStep {
  std::string name;
  int signal = 15;
};

// Time on the guest's clock between the end of the step that is marked so and now.
struct ElapsedStep {
  std::string since;
  std::optional<std::chrono::milliseconds> min, max;
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

// How a module was built: judged on the host, from what the compiler said and made.
struct BuildStep {
  std::string module;
  std::optional<int> max_warnings;    // of the compiler and of modpost
  std::optional<int> max_sparse;      // warnings and errors of sparse
  std::optional<int> max_checkpatch;  // warnings and errors of the kernel's checkpatch.pl
  std::string error;                  // RE2: it must not build, with such a message
  std::vector<std::string> uses;      // symbols that it must take from elsewhere (undefined in the .ko)
  std::vector<std::string> avoids;    // symbols that it must not take
  std::string licence;                // of MODULE_LICENSE
};

using Action = std::variant<LoadStep, UnloadStep, BuildStep, ReadStep, WriteStep, StatStep, ListStep, OpenStep,
                            CloseStep, SeekStep, PollStep, IoctlStep, RunStep, SleepStep, RebootStep, WaitStep,
                            RunningStep, KillStep, ElapsedStep, DmesgStep>;

// A value that a step's output gives.
struct Save {
  std::string name;
  std::string pattern;  // RE2 with one group; empty: the whole text without its final newline
};

// How a step ends that does not complete because of what the module does.
enum class StepEnd {
  completes,
  killed,  // the kernel kills the process that does the action, as after an oops
  hangs,   // it does not end within its limit
  dies,    // the machine goes down: a panic, a reset
};

struct Step {
  Action action;
  StepEnd ends = StepEnd::completes;
  std::string background;                           // its name, if later steps go on while it is under way
  std::optional<std::chrono::milliseconds> within;  // it is done again until it passes, at most so long
  std::string mark;                                 // a name for its end, for elapsed steps
  std::vector<Save> save;
  bool continue_on_failure = false;                // otherwise a failed expectation ends the test
  std::optional<int> points;                       // of the test's, for this step
  std::optional<std::chrono::milliseconds> limit;  // how long the action may take; Limits::step otherwise
  int round = 0;                                   // which turn of a repeat it belongs to, from 1; 0: none
  SourceLocation where;
};

// A value that steps use as ${name}: written down, or made from the run's seed, another one in each test.
struct ValueSpec {
  enum class Kind { constant, integer, integers, letters, bytes, one_of };
  std::string name;
  Kind kind = Kind::constant;
  std::string constant;
  std::int64_t min = 0, max = 0;     // integer, integers
  std::size_t count = 0;             // integers, letters, bytes
  bool distinct = false;             // integers
  std::vector<std::string> choices;  // one_of
};

// A kernel report that a test is about.
struct ExpectedReport {
  std::vector<std::string> kinds;  // names of report_kinds(): one of them must come, and all of them may
  std::string in;                  // a function that one of its traces names; empty: any
  std::string line;                // text in the module's source line that it is about; empty: any
  bool optional = false;           // it need not come
  SourceLocation where;
};

// Something that modules may leave behind.
struct AllowedLeftover {
  std::string kind;    // one of leftover_kinds(); empty: any
  std::string name;    // * stands for any text
  std::string reason;  // why; for people
};

struct Test {
  std::string name;           // unique in the lab
  std::optional<int> points;  // the sum of its steps' where these have any
  std::string hint;
  bool hidden = false;             // students learn its name and verdict only
  std::vector<std::string> needs;  // tests without which this one says nothing
  // It is done in each flavour, with each number of CPUs, so many times, each time with another seed; all must pass.
  std::vector<std::string> flavours;  // its own, else the lab's
  std::vector<int> cpus;              // its own, else the lab's
  int runs = 1;
  std::vector<ValueSpec> values;        // the lab's, then its own
  std::vector<ExpectedReport> reports;  // any other fails it
  // If it passes it is done again for each allocation of the init functions that it runs, with that one failing.
  bool init_faults = false;
  // In which of its flavours its modules must leave nothing behind, and what they may: the lab's, then its own.
  std::vector<std::string> leftover_flavours = {"debug"};
  std::vector<AllowedLeftover> allowed_leftovers = {};
  bool kmemleak = false;  // in debug, where nothing may be left behind, memory is looked for as well
  std::vector<Step> steps;
  SourceLocation where;
};

// A small edit that makes a variant of a module.
struct LineReplacement {
  std::string file;  // relative to the module's folder
  std::string line;  // or several that follow each other, without the blanks around each; there exactly once
  std::string with;  // any number of lines; empty: an empty line
  SourceLocation where;
};

struct ModuleSpec {
  std::string name;                  // the module's name, and its .ko's
  std::vector<std::string> sources;  // .c files (and .h beside them), relative to the module's folder
  std::vector<std::string> cflags;   // extra compiler flags
  SourceLocation where;
  // The root of the source tree that the module's folder is in, absolute or relative to the lab's folder, and that
  // folder, relative to the root (empty: the root). An empty tree: the folder is found by the module's name.
  std::filesystem::path tree = {};
  std::string folder = {};
  bool own_makefile = false;                                   // the folder's own, not a generated one; with a tree
  std::vector<std::pair<std::string, std::string>> make = {};  // variables
  std::vector<LineReplacement> replace = {};
};

// A program of the lab's author, in C, built static for the guest.
struct ProgramSpec {
  std::string name;                  // what run steps call it
  std::vector<std::string> sources;  // relative to the lab's folder
  std::string code;                  // instead of sources
  std::vector<std::string> cflags;
  SourceLocation where;
};

struct KernelNeeds {
  std::string min_version;          // "5.4", empty: any
  std::string max_version;          // "6.1" includes every 6.1.y; empty: any
  std::vector<std::string> config;  // options that must be set, without CONFIG_: "VETH", which is y; "LOG_BUF_SHIFT=18"
};

// What a graded module may take from the kernel. Names of symbols, or their beginnings with a '*' behind. What the
// reference takes is always allowed, and `allow` goes before `forbid`.
struct SymbolBudget {
  std::vector<std::string> allow;   // of what is forbidden otherwise
  std::vector<std::string> forbid;  // beside what labctl forbids in every lab
};

struct Lab {
  std::string id;  // [a-z0-9-]+, the folder's name
  std::string title;
  std::string topic;  // "Interfaces / procfs": what stands before the slash is a topic of the course
  int minutes = 0;    // that a student needs; 0: not said
  std::vector<std::string> prerequisites;  // ids of labs to do before
  KernelNeeds kernel;
  std::vector<std::string> flavours;  // "release" and "debug"; empty: the user's choice
  std::vector<int> cpus = {1};        // of the machine; not empty
  int memory_mib = 0;                 // 0: the flavour's default
  std::vector<std::string> devices;   // names in all_devices()
  int disk_mib = 0;                   // of the virtio disk that every test finds empty; 0: there is none
  std::string command_line;           // added to the kernel's
  std::vector<ModuleSpec> modules;    // the first is the one that --module replaces
  SymbolBudget symbols;
  std::vector<ProgramSpec> programs;
  std::vector<Test> tests;
  std::filesystem::path file;  // lab.yaml
  std::string text;            // the spec as read, for the run folder
};

// The step's kind as the spec writes it: "load", "read", ...
std::string step_kind(const Step& step);
// The step in one line, as a person would say it: "load modparams freq=9", "read /proc/counter".
std::string step_summary(const Step& step);
std::string_view level_name(LogLevel level);
std::string_view step_end_name(StepEnd end);  // "completes", "killed", ...
// "kasan-use-after-free or oops-null in bad_read at \"*p = 1\"".
std::string expected_report_text(const ExpectedReport& expected);
// Whether the test expects what only a kernel of the debug flavour reports, or has allocations fail, which no other
// can. Such a test is done in no other.
bool needs_debug(const Test& test);
// The step that was begun in the background under this name, before step `before`; null if there is none.
const Step* background_step(const Test& test, std::size_t before, const std::string& name);
// "in out": what poll() calls POLLIN and POLLOUT, in words of the spec; "nothing" for 0.
std::string poll_events_text(int events);

}  // namespace labctl
