#include <algorithm>
#include <map>
#include <optional>

#include "details.hpp"
#include "diagnose/diagnose.hpp"
#include "frames.hpp"
#include "report_start.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

constexpr std::size_t max_report_records = 500;  // nothing that the kernel says of one fault is longer
constexpr std::size_t max_lookahead = 12;        // records from an announcing line to its stack trace
constexpr std::size_t max_title_bytes = 300;

std::string title_of(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  while (text.ends_with(' ') || text.ends_with('\r'))
    text.remove_suffix(1);
  return printable(text.substr(0, max_title_bytes));
}

bool is_end_marker(std::string_view text) {
  return text.starts_with("---[ end ");
}

bool is_frame(std::string_view text) {
  return text.starts_with(' ') || text.starts_with('\t') || text.empty();
}

// arch/x86/kernel/process_64.c __show_regs(), printed in a stack trace and, from 5.0, once more after its end.
bool is_register_line(std::string_view text) {
  static constexpr std::string_view names[] = {"RIP: ", "RSP: ", "RAX: ", "RDX: ", "RBP: ",  "R10: ",  "R13: ", "FS: ",
                                               "CS: ",  "CR2: ", "DR0: ", "DR3: ", "PKRU: ", "Code: ", "EIP: "};
  return std::any_of(std::begin(names), std::end(names),
                     [text](std::string_view name) { return text.starts_with(name); });
}

// What dump_stack() prints before its frames.
bool is_trace_head(std::string_view text) {
  return text.starts_with("Call Trace:") || text.starts_with("CPU: ") || text.starts_with("Hardware name: ") ||
         text.starts_with("Workqueue: ") || text.starts_with("Modules linked in:") ||
         text.starts_with("NMI backtrace ");
}

// kernel/irq/spurious.c: what follows the trace of an interrupt's report.
bool names_handlers(std::string_view text) {
  return text == "handlers:" || text.starts_with("[<");
}

// Of a stall on one CPU that another one tells: it interrupts the first, which answers for itself.
bool asks_another_cpu(std::string_view kind) {
  return kind == "rcu-stall" || kind == "hard-lockup" || kind == "spinlock-lockup";
}

// The records of one caller: the reports of two CPUs that speak at once are told apart by it. Without
// CONFIG_PRINTK_CALLER all records have the same.
struct Caller {
  std::optional<std::size_t> open;  // index into the reports found: the one that goes on
  ReportEnd end = ReportEnd::trace;
  bool trace_seen = false;                 // a "Call Trace:" of the open report
  bool ended = false;                      // its end marker was seen; registers may be repeated
  std::optional<std::size_t> last;         // index of the caller's latest record
  std::optional<std::size_t> before_last;  // and of the one before it
};

class Finder {
 public:
  Finder(const std::vector<KmsgRecord>& log, std::size_t begin, std::size_t end)
      : log_(log), begin_(begin), end_(std::min(end, log.size())) {}

  std::vector<KernelReport> run() {
    for (std::size_t i = begin_; i < end_; ++i) {
      if (log_[i].facility != 0) continue;
      Caller& caller = callers_[log_[i].caller];
      if (const auto start = starts_at(i, caller)) {
        open(*start, i, caller);
      } else if (caller.open) {
        go_on(i, caller);
      } else if (begins_backtrace(text(i))) {
        join_stall(i, caller);
      }
      caller.before_last = caller.last;
      caller.last = i;
    }
    for (std::size_t i = 0; i < reports_.size(); ++i)
      add_details(reports_[i], own_[i]);
    std::stable_sort(reports_.begin(), reports_.end(),
                     [](const KernelReport& a, const KernelReport& b) { return a.log_begin < b.log_begin; });
    return std::move(reports_);
  }

 private:
  std::string_view text(std::size_t i) const { return log_[i].text; }

  bool cut_here_at(const std::optional<std::size_t>& i) const { return i && is_cut_here(text(*i)); }

  std::optional<ReportStart> starts_at(std::size_t i, const Caller& caller) const {
    // Inside the report of a fault the line of its trap is one more line of it.
    const bool goes_on = caller.open && !caller.ended;
    if (goes_on && caller.end == ReportEnd::marker && is_trap_line(text(i))) return std::nullopt;
    const auto start = report_start(text(i));
    if (start) {
      // The killed process ends its OOM report.
      if (goes_on && caller.end == ReportEnd::oom && start->kind == "oom-kill") return std::nullopt;
      // A stall's report says more than once that it is one.
      if (goes_on && start->kind == "rcu-stall" && reports_[*caller.open].kind == "rcu-stall") return std::nullopt;
      return start;
    }
    // No fault of the kernel is announced at a level below warning; a module that says "WARNING: ..." at info and then
    // calls dump_stack() reports none.
    if (log_[i].level > 4) return std::nullopt;
    if (may_start_report(text(i)) && trace_follows(i)) return ReportStart{"bug", ReportEnd::trace};
    if (is_trap_line(text(i)) && trace_follows(i)) return ReportStart{"oops", ReportEnd::marker};
    return std::nullopt;
  }

  // Whether the caller of record i prints a stack trace next, before it announces anything else.
  bool trace_follows(std::size_t i) const {
    const std::size_t limit = std::min(end_, i + 1 + max_lookahead);
    for (std::size_t next = i + 1; next < limit; ++next) {
      if (log_[next].facility != 0 || log_[next].caller != log_[i].caller) continue;
      if (text(next).starts_with("CPU: ") || text(next).starts_with("Call Trace:")) return true;
      if (is_cut_here(text(next)) || is_rule(text(next)) || report_start(text(next))) return false;
    }
    return false;
  }

  void open(const ReportStart& start, std::size_t i, Caller& caller) {
    KernelReport report;
    report.kind = start.kind;
    report.title = title_of(text(i));
    report.log_begin = i;
    report.log_end = i + 1;

    std::vector<std::size_t> own;  // its records of this caller
    if (start.kind == "warning" || start.kind == "kernel-bug") {
      take_message(report, caller);
      for (const auto& before : {caller.before_last, caller.last}) {
        if (before && *before >= report.log_begin) own.push_back(*before);
      }
    } else if (caller.last && is_rule(text(*caller.last))) {
      report.log_begin = *caller.last;
    }
    // A report that goes on is over where the next begins.
    if (caller.open) {
      KernelReport& before = reports_[*caller.open];
      before.log_end =
          std::clamp(before.log_end, before.log_begin + 1, std::max(before.log_begin + 1, report.log_begin));
    }
    own.push_back(i);
    reports_.push_back(std::move(report));
    own_.push_back(std::move(own));
    caller.open = reports_.size() - 1;
    caller.end = start.end;
    caller.trace_seen = false;
    caller.ended = false;
    if (start.end == ReportEnd::this_line) caller.open.reset();
  }

  // WARN() with a message prints "cut here", the message, "WARNING: CPU: ..."; checks that end in BUG() print the
  // message, "cut here", "kernel BUG at ...".
  void take_message(KernelReport& report, Caller& caller) {
    std::optional<std::size_t> message;
    if (cut_here_at(caller.last)) {
      report.log_begin = *caller.last;
      message = caller.before_last;
    } else if (cut_here_at(caller.before_last)) {
      report.log_begin = *caller.before_last;
      message = caller.last;
      // The message may have been taken for a report of its own.
      if (!reports_.empty() && reports_.back().log_begin == *message) {
        reports_.pop_back();
        own_.pop_back();
        caller.open.reset();
      }
    }
    const bool is_warning = report.kind == "warning";
    if (message && is_warning && *message < report.log_begin) message.reset();
    if (const auto kind = message ? kind_of_message(text(*message), report.title) : std::nullopt) {
      report.kind = *kind;
      report.title = title_of(text(*message));
      report.log_begin = std::min(report.log_begin, *message);
      return;
    }
    // A WARN() that has a message says with it what it is about, whatever file it is in. What comes before a BUG() may
    // be anything.
    if (is_warning && message) return;
    if (const auto kind = kind_of_message({}, report.title)) report.kind = *kind;
  }

  // The answer of a CPU is part of what the other says of it.
  void join_stall(std::size_t i, Caller& caller) {
    std::optional<std::size_t> stall;
    for (const auto& [name, other] : callers_)
      if (other.open && asks_another_cpu(reports_[*other.open].kind)) stall = std::max(stall, other.open);
    if (!stall) return;
    caller.open = stall;
    caller.end = ReportEnd::trace;
    caller.trace_seen = caller.ended = false;
    go_on(i, caller);
  }

  void go_on(std::size_t i, Caller& caller) {
    KernelReport& report = reports_[*caller.open];
    const std::string_view line = text(i);
    bool belongs = i - report.log_begin < max_report_records;
    bool last = false;
    if (caller.ended) {
      belongs = belongs && is_register_line(line);
    } else {
      switch (caller.end) {
        case ReportEnd::marker: caller.ended = is_end_marker(line); break;
        case ReportEnd::rule: last = is_rule(line); break;
        case ReportEnd::trace:
          if (is_trace_head(line)) {
            caller.trace_seen = caller.trace_seen || line.starts_with("Call Trace:");
          } else if (caller.trace_seen) {
            belongs = belongs && (is_frame(line) || is_register_line(line) ||
                                  (report.kind.starts_with("irq-") && names_handlers(line)));
          }
          last = is_end_marker(line);
          break;
        case ReportEnd::oom: last = line.find("Killed process ") != std::string_view::npos; break;
        case ReportEnd::rest: last = is_end_marker(line); break;
        case ReportEnd::this_line: belongs = false; break;
      }
    }
    if (belongs) {
      report.log_end = i + 1;
      own_[*caller.open].push_back(i);
    }
    if (!belongs || last) caller.open.reset();
  }

  void add_details(KernelReport& report, const std::vector<std::size_t>& own) const {
    std::vector<std::string_view> lines;
    for (const std::size_t i : own) {
      if (i >= report.log_end) break;
      for (std::string_view rest = text(i);;) {
        const auto end = rest.find('\n');
        lines.push_back(rest.substr(0, end));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
      }
    }
    read_details(report, lines);
  }

  const std::vector<KmsgRecord>& log_;
  std::size_t begin_;
  std::size_t end_;
  std::map<std::string, Caller> callers_;
  std::vector<KernelReport> reports_;
  std::vector<std::vector<std::size_t>> own_;  // of each report: its records of its caller
};

}  // namespace

std::vector<KernelReport> find_reports(const std::vector<KmsgRecord>& log, std::size_t begin, std::size_t end) {
  return Finder(log, begin, end).run();
}

std::string lockdep_gave_up(const std::vector<KmsgRecord>& log, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < std::min(end, log.size()); ++i)
    for (const char* limit : {"BUG: MAX_LOCKDEP_", "BUG: MAX_STACK_TRACE_ENTRIES too low!"})
      if (log[i].facility == 0 && log[i].text.starts_with(limit)) return printable(log[i].text);
  return {};
}

}  // namespace labctl
