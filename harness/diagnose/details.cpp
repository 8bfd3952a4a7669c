#include "details.hpp"

#include <algorithm>

#include "frames.hpp"
#include "model/report_kind.hpp"
#include "scan.hpp"

namespace labctl {
namespace {

constexpr std::size_t max_frames = 128;  // of one trace

std::optional<int> small_number(std::string_view& text) {
  const auto number = take_decimal(text);
  if (!number || *number > 1U << 30) return std::nullopt;
  return static_cast<int>(*number);
}

// lib/dump_stack.c: "CPU: 0 PID: 61 Comm: agent Tainted: G  ...", with "UID: 0 " in it from 6.11.
void take_cpu_line(KernelReport& report, std::string_view line) {
  if (!skip(line, "CPU: ")) return;
  const auto cpu = small_number(line);
  if (cpu && !report.cpu) report.cpu = cpu;
  if (skip(line, " UID: ")) take_decimal(line);
  if (!skip(line, " PID: ")) return;
  const auto pid = small_number(line);
  if (!pid || !skip(line, " Comm: ") || report.pid) return;
  const auto end = std::min({line.find(" Tainted: "), line.find(" Not tainted"), line.find(" Kdump: "), line.size()});
  report.pid = pid;
  report.process = line.substr(0, end);
}

// Of a title that ends its task's name with a mark and its number.
void take_task(KernelReport& report, std::string_view text, char mark) {
  const auto at = text.rfind(mark);
  if (at == std::string_view::npos || at == 0) return;
  std::string_view digits = text.substr(at + 1);
  const auto pid = small_number(digits);
  if (!pid) return;
  report.process = text.substr(0, at);
  report.pid = pid;
}

// What the announcing line says itself. A task that it names is the one that the report is about: "CPU:" lines after it
// may be of the watcher that noticed it.
void take_title(KernelReport& report) {
  const std::string_view title = report.title;
  if (const auto cpu = title.find("CPU#"); cpu != std::string_view::npos) {
    std::string_view digits = title.substr(cpu + 4);
    report.cpu = small_number(digits);
  }
  if (report.kind == "hung-task") {
    if (const auto task = between(title, "INFO: task ", " blocked for more than ")) take_task(report, *task, ':');
  } else if (report.kind == "soft-lockup") {
    const auto open = title.rfind('[');
    if (open != std::string_view::npos && title.ends_with(']'))
      take_task(report, title.substr(open + 1, title.size() - open - 2), ':');
  } else if (report.kind == "scheduling-while-atomic") {  // "COMM/PID/0x00000002"
    if (const auto task = between(title, "BUG: scheduling while atomic: ", "/0x")) take_task(report, *task, '/');
  } else if (report.kind == "bad-page") {  // "... in process COMM  pfn:06a1b"
    if (const auto task = between(title, " in process ", "  p")) report.process = *task;
  } else if (report.kind == "oom-kill") {
    if (const auto at = title.find("Killed process "); at != std::string_view::npos) {
      std::string_view rest = title.substr(at + 15);
      const auto pid = small_number(rest);
      const auto close = rest.find(')');
      if (pid && skip(rest, " (") && close != std::string_view::npos) {
        report.pid = pid;
        report.process = rest.substr(0, close - 2);
      }
    }
  }
  std::string_view rest = title;
  for (const std::string_view mark : {" for address: ", " dereference, address: ", "-canonical address "}) {
    const auto at = title.find(mark);
    if (at == std::string_view::npos) continue;
    rest = title.substr(at + mark.size());
    if (const auto address = take_hexadecimal(rest)) {
      report.access.emplace();
      report.access->address = *address;
    }
    return;
  }
}

// arch/x86/mm/fault.c of 5.4 and 6.1: "#PF: supervisor write access in kernel mode"; and the error code of "Oops:
// 0002".
void take_page_fault(KernelReport& report, std::string_view line) {
  using Mode = MemoryAccess::Mode;
  if (!report.access || report.access->mode != Mode::unknown) return;
  if (report.kind != "oops-null" && report.kind != "oops-page-fault") return;
  if (line.starts_with("#PF: ")) {
    if (line.find(" write access") != std::string_view::npos) report.access->mode = Mode::write;
    if (line.find(" read access") != std::string_view::npos) report.access->mode = Mode::read;
    if (line.find(" instruction fetch") != std::string_view::npos) report.access->mode = Mode::execute;
  } else if (skip(line, "Oops: ")) {
    if (const auto code = take_hexadecimal(line))
      report.access->mode = (*code & 0x10) != 0 ? Mode::execute : (*code & 0x2) != 0 ? Mode::write : Mode::read;
  }
}

// lib/ubsan.c of 5.4: the line after "UBSAN: Undefined behaviour in FILE".
std::string_view ubsan_kind(std::string_view line) {
  struct Words {
    std::string_view begins, holds, kind;
  };
  static constexpr Words all[] = {
      {"shift exponent ", "", "ubsan-shift"},
      {"left shift of ", "", "ubsan-shift"},
      {"index ", " is out of range for type ", "ubsan-index"},
      {"signed integer overflow:", "", "ubsan-overflow"},
      {"unsigned integer overflow:", "", "ubsan-overflow"},
      {"negation of ", " cannot be represented in type ", "ubsan-overflow"},
      {"division by zero", "", "ubsan-divide"},
      {"division of ", " cannot be represented in type ", "ubsan-divide"},
      {"load of value ", " is not a valid value for type ", "ubsan-load"},
      {"", " null pointer of type ", "ubsan-pointer"},
      {"", " misaligned address ", "ubsan-pointer"},
      {"", " with insufficient space", "ubsan-pointer"},
  };
  const auto* found = std::find_if(std::begin(all), std::end(all), [line](const Words& words) {
    return line.starts_with(words.begins) && line.find(words.holds) != std::string_view::npos;
  });
  return found == std::end(all) ? "ubsan" : found->kind;
}

// What a watcher tells, from an interrupt, of code that waits or loops; and what code used up before the interrupt came
// that was short of it: the stack, or room for locks that are held.
bool is_about_interrupted_code(std::string_view kind) {
  static constexpr std::string_view kinds[] = {
      "soft-lockup",     "hard-lockup",   "rcu-stall",      "workqueue-lockup", "hung-task",
      "spinlock-lockup", "lockdep-depth", "stack-overflow", "panic-hung-task",  "double-fault"};
  return is_hang(kind) || std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

// kernel/workqueue.c show_pwq(): "in-flight: 30:write_out [bad]", "pending: write_out [bad], other".
bool names_work_of_module(std::string_view line) {
  line = without_blanks(line);
  return (line.starts_with("in-flight: ") || line.starts_with("pending: ")) && line.find('[') != std::string_view::npos;
}

// Of everything else, what ran when the interrupt came in has no part in what the interrupt did.
void mark_interrupted(std::vector<StackFrame>& trace, std::size_t from) {
  const auto entry = std::find_if(trace.begin(), trace.end(), is_interrupt_entry);
  if (entry != trace.end()) from = std::min(from, static_cast<std::size_t>(entry - trace.begin()) + 1);
  for (std::size_t i = from; i < trace.size(); ++i)
    trace[i].interrupted = true;
}

class Reader {
 public:
  explicit Reader(KernelReport& report) : report_(report), kasan_(report), lockdep_(report) {
    is_kasan_ = report.kind.starts_with("kasan") || report.kind.starts_with("kfence");
    is_lockdep_ = report.kind.starts_with("lockdep") || report.kind == "invalid-wait-context";
  }

  void read(const std::vector<std::string_view>& lines) {
    take_title(report_);
    for (const std::string_view line : lines) {
      names_module_ = names_module_ || names_module(line) || names_work_of_module(line);
      read_line(line);
      if (line.starts_with("---[ end ")) break;
    }
    if (is_kasan_) kasan_.finish();
    report_.corrupted = trace_begun_ && !trace_found_;
    // Conservative: whatever may be the module's counts as the module's.
    static constexpr std::string_view of_speed[] = {"soft-lockup", "hard-lockup", "rcu-stall", "workqueue-lockup"};
    report_.suspect = std::find(std::begin(of_speed), std::end(of_speed), report_.kind) != std::end(of_speed) &&
                      !report_.corrupted && !names_module_;
    if (is_about_interrupted_code(report_.kind)) return;
    mark_interrupted(report_.trace, interrupt_end_.value_or(report_.trace.size()));
    mark_interrupted(report_.alloc_trace, report_.alloc_trace.size());
    mark_interrupted(report_.free_trace, report_.free_trace.size());
    for (LockSide& side : report_.locks)
      mark_interrupted(side.trace, side.trace.size());
  }

 private:
  void read_line(std::string_view raw) {
    const std::string_view line = without_blanks(raw);
    if (report_.callback.empty())
      if (const auto callback = callback_in(line)) report_.callback.push_back(*callback);
    if (line.starts_with("CPU: ")) take_cpu_line(report_, line);
    take_page_fault(report_, line);
    if (report_.kind == "ubsan" && line.find("UBSAN: ") == std::string_view::npos) report_.kind = ubsan_kind(line);
    // kasan_non_canonical_hook(): the trap is what KASAN's own instructions made of it
    if (report_.kind == "general-protection" && line.starts_with("KASAN: null-ptr-deref in range "))
      report_.kind = "oops-null";

    if (line.starts_with("Call Trace:") || line.starts_with("Call trace:") || line.starts_with("Backtrace:")) {
      trace_begun_ = true;
      in_trace_ = !trace_found_;
      return;
    }
    if (auto running = instruction_pointer(line)) {
      // A breakpoint is a trap: the CPU stands behind the instruction, as after a call.
      if (report_.kind == "int3") running->exact = false;
      // One in the midst of a trace is where an interrupt came in.
      if (in_trace_ || !instruction_seen_) add(report_.trace, *running);
      instruction_seen_ = true;
      return;
    }
    if (in_trace_) {
      read_trace_line(line);
      if (in_trace_) return;
    }
    if (is_kasan_) {
      kasan_.read(line);
      add_frame_of(kasan_.frames(), line);
    } else if (is_lockdep_) {
      // "agent/61 is trying to acquire lock:", "... is leaving the kernel with locks still held!"
      if (const auto is = line.find(" is "); is != std::string_view::npos && !report_.pid)
        take_task(report_, line.substr(0, is), '/');
      if (!lockdep_.read(line)) add_frame_of(lockdep_.frames(), line);
    }
  }

  void read_trace_line(std::string_view line) {
    if (const auto frame = stack_frame(line)) {
      add(report_.trace, *frame);
      trace_found_ = trace_found_ || !frame->function.empty();
    } else {
      if (line == "</IRQ>" && !interrupt_end_) interrupt_end_ = report_.trace.size();
      // "<TASK>", "</IRQ>", "? f+0x1/0x2", the registers of an interrupt belong to it.
      static constexpr std::string_view registers[] = {"RIP: ", "RSP: ", "RAX: ", "RDX: ", "RBP: ",  "R10: ",
                                                       "R13: ", "FS: ",  "CS: ",  "CR2: ", "Code: ", "ORIG_RAX: "};
      const bool belongs = line.starts_with('<') || line.starts_with("? ") || line.starts_with("0x") ||
                           std::any_of(std::begin(registers), std::end(registers),
                                       [line](std::string_view name) { return line.starts_with(name); });
      in_trace_ = belongs;
    }
  }

  static void add(std::vector<StackFrame>& trace, const StackFrame& frame) {
    if (trace.size() < max_frames) trace.push_back(frame);
  }

  static void add_frame_of(std::vector<StackFrame>* trace, std::string_view line) {
    if (trace == nullptr) return;
    if (const auto frame = stack_frame(line)) add(*trace, *frame);
  }

  KernelReport& report_;
  KasanReader kasan_;
  LockdepReader lockdep_;
  bool is_kasan_ = false;
  bool is_lockdep_ = false;
  bool names_module_ = false;                 // anywhere, "?" or not
  bool trace_begun_ = false;                  // "Call Trace:" was seen
  bool in_trace_ = false;                     // and its frames go on
  bool trace_found_ = false;                  // it had a frame
  bool instruction_seen_ = false;             // "RIP:"
  std::optional<std::size_t> interrupt_end_;  // of the main trace: its frames up to here are an interrupt's
};

}  // namespace

void read_details(KernelReport& report, const std::vector<std::string_view>& lines) {
  Reader(report).read(lines);
}

}  // namespace labctl
