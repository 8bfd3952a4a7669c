// What a kernel said of its own health, as plain data. diagnose/ reads it from the log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace labctl {

// A line of a source.
struct SourceLine {
  std::string function;
  std::filesystem::path file;  // as the user knows it
  int line = 0;                // from 1
  std::string text;            // the line itself; empty: the file is none of the lab's modules'
};

// A line of a stack trace: "bad_init+0x1a/0x1000 [bad]". Frames that the kernel marks with "?" are not kept: it found
// those addresses on the stack and does not know that they were called.
struct StackFrame {
  std::string function;
  std::uint64_t offset = 0;  // in bytes, from the start of the function
  std::uint64_t size = 0;    // of the function, in bytes; 0: not printed
  std::string module;        // empty: the kernel itself
  // The offset is that of the instruction at fault (RIP). False: it is a return address, and the call is before it.
  bool exact = false;
  bool inlined = false;  // into the next frame; no offset is known
  // Where it is in the sources of the lab's modules or of the kernel; of a return address, the call. The innermost of
  // functions that were inlined comes first. Empty: not known.
  std::vector<SourceLine> source = {};
  // All that the kernel said of a frame whose function it does not know, as in a module that has gone; otherwise 0.
  std::uint64_t address = 0;
  // An interrupt came in while this ran, and what the trace is about was done by the interrupt: it only shares a stack.
  bool interrupted = false;
};

struct MemoryAccess {
  enum class Mode { unknown, read, write, execute };
  Mode mode = Mode::unknown;
  std::uint64_t bytes = 0;  // 0: not printed
  std::uint64_t address = 0;
};

// The object that an access missed, or was in after it had been freed (KASAN).
struct MemoryObject {
  enum class Side { inside, left, right };  // where the access is: in the object, before its start, after its end
  std::string cache;                        // the slab cache: "kmalloc-64"; empty: not printed, no slab object
  std::string variable;                     // the name of a global or local variable, where printed
  std::uint64_t size = 0;                   // in bytes; 0: not printed
  Side side = Side::inside;
  std::uint64_t distance = 0;  // in bytes: from its start where inside or left of it, from its end where right of it
};

// A lock that a report of lockdep is about, and the place where it was taken.
struct LockSide {
  std::string lock;  // as lockdep names its class: "&dev->lock", "first_lock"
  std::vector<StackFrame> trace;
};

// Something that the kernel said of its own health (oops, BUG, WARNING, KASAN, lockdep, panic, ...).
struct KernelReport {
  std::string kind;           // stable name, one of docs/kernel-reports.md: "kasan-use-after-free", "oops-null", ...
  std::string title;          // the line that announces it
  std::size_t log_begin = 0;  // its records: [log_begin, log_end) of Evidence::log
  std::size_t log_end = 0;

  std::string region;   // of memory that an access missed: "slab", "stack", "global", "vmalloc", ...; or empty
  std::string process;  // the name of the task that ran; empty: not printed
  std::optional<int> pid;
  std::optional<int> cpu;
  std::optional<MemoryAccess> access;
  std::optional<MemoryObject> object;
  std::vector<StackFrame> trace;        // innermost first; the instruction at fault, where printed, is its first frame
  std::vector<StackFrame> alloc_trace;  // where the object was allocated
  std::vector<StackFrame> free_trace;   // where it was freed
  // The function of the timer, work item or interrupt that it is about, where printed.
  std::vector<StackFrame> callback;
  std::vector<LockSide> locks;  // the two or more locks of a wrong order; the lock of another wrong use
  // A stack trace was begun and has no frame that is sure: the stack was overwritten, or the log cut.
  bool corrupted = false;
  bool expected = false;  // its test is about it (set by check/)
  // A slow host may have caused it: a stall in whose traces no module is. It counts like any other report.
  bool suspect = false;
  std::string explanation;  // what it means, its usual cause, where to look: one paragraph; empty: nobody wrote any
};

// The line of the module's own source that a trace leads to: the innermost that could be read. Null if there is none.
// It lives as long as the trace. Here and below, what an interrupt only happened to stop counts as not there.
const SourceLine* own_line(const std::vector<StackFrame>& trace);

// The innermost frame that lies in any module; the end of the trace if there is none.
std::vector<StackFrame>::const_iterator module_frame(const std::vector<StackFrame>& trace);

// The first frame of the report's trace that lies in one of modules (names as in the kernel: "my_mod"); where none
// does, of its other traces. Null: the report does not name these modules. The frame lives as long as the report.
const StackFrame* blamed_frame(const KernelReport& report, const std::vector<std::string>& modules);

// Whether a frame of the report's trace lies in a module.
bool is_in_module(const KernelReport& report);

}  // namespace labctl
