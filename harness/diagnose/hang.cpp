#include "diagnose/hang.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "details.hpp"
#include "frames.hpp"
#include "scan.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

constexpr std::string_view running = "hang-running";
constexpr std::string_view waiting = "hang-waiting";
// kernel/panic.c nmi_panic(), arch/x86/kernel/nmi.c
constexpr std::string_view panic_at_interrupt = "Kernel panic - not syncing: NMI: ";

struct Found {
  KernelReport report;
  bool own = false;
  bool in_kernel = true;  // what is known of it is no leftover from when it last was there
};

// A task or a lock has any name that somebody gave it.
std::string plain_name(std::string_view name) {
  std::string plain = printable(name);
  std::replace(plain.begin(), plain.end(), '\n', ' ');
  return plain;
}

Found of_task(const StuckTask& task) {
  Found found;
  found.own = task.own;
  found.in_kernel = task.state != 'R';
  found.report.kind = task.state == 'R' ? running : waiting;
  found.report.process = plain_name(task.name);
  found.report.pid = task.id;
  std::vector<StackFrame>& trace = found.report.trace;
  for (const std::string_view line : split_lines(task.stack)) {
    auto frame = stack_frame(line);
    if (!frame) continue;
    // The frame behind the entry was not calling, but at the very instruction.
    frame->exact = !trace.empty() && is_interrupt_entry(trace.back());
    trace.push_back(*frame);
  }
  return found;
}

// What each CPU was doing. A CPU that speaks has a caller of its own, unless another one prints for it (before 5.15).
std::vector<KernelReport> of_cpus(const std::vector<KmsgRecord>& said) {
  std::vector<std::vector<std::string_view>> blocks;
  std::map<std::string, std::size_t> open;  // by caller
  for (const KmsgRecord& record : said) {
    if (record.facility != 0) continue;
    if (begins_backtrace(record.text) || record.text.starts_with(panic_at_interrupt)) {
      open[record.caller] = blocks.size();
      blocks.emplace_back();
    } else if (const auto block = open.find(record.caller); block != open.end()) {
      const auto lines = split_lines(record.text);
      blocks[block->second].insert(blocks[block->second].end(), lines.begin(), lines.end());
    }
  }
  std::vector<KernelReport> reports;
  for (const auto& lines : blocks) {
    KernelReport report;
    report.kind = running;
    read_details(report, lines);
    // What comes before is how the interrupt itself was handled.
    const auto running_at =
        std::find_if(report.trace.rbegin(), report.trace.rend(), [](const StackFrame& frame) { return frame.exact; });
    if (running_at != report.trace.rend()) report.trace.erase(report.trace.begin(), std::prev(running_at.base()));
    reports.push_back(std::move(report));
  }
  return reports;
}

// kernel/locking/lockdep.c debug_show_all_locks(): "1 lock held by keeper/62:", " #0: ADDRESS (keep_lock){+.+.}-{3:3},
// at: keep_fn+0x1e/0x60 [keep]". One that is waited for is in the list too.
struct HeldLock {
  std::string_view task;     // "keeper/62"
  std::string_view address;  // of the lock
  std::string_view name;
  std::optional<StackFrame> at;
};

std::vector<HeldLock> held_locks(const std::vector<KmsgRecord>& said) {
  std::vector<HeldLock> locks;
  std::string_view task;
  for (const KmsgRecord& record : said) {
    const std::string_view line = without_blanks(record.text);
    if (const auto holder = between(line, " held by ", ":"); holder && line.ends_with(':')) {
      task = *holder;
      continue;
    }
    std::string_view rest = line;
    if (task.empty() || !skip(rest, "#") || !take_decimal(rest) || !skip(rest, ": ")) continue;
    const auto name = between(rest, "(", "){");
    const auto at = rest.find(", at: ");
    if (!name || at == std::string_view::npos) continue;
    locks.push_back({task, rest.substr(0, rest.find(' ')), *name, stack_frame(rest.substr(at + 6))});
  }
  return locks;
}

bool same_place(const StackFrame& one, const StackFrame& other) {
  return one.function == other.function && one.offset == other.offset && one.module == other.module;
}

std::string task_of(const KernelReport& report) {
  return fmt::format("{}/{}", report.process, report.pid.value_or(0));
}

// Who holds the lock that a task waits for: it took its latest at a place where its stack is.
const HeldLock* holder_of_awaited(const KernelReport& report, const std::vector<HeldLock>& locks) {
  const std::string task = task_of(report);
  const HeldLock* awaited = nullptr;
  for (const HeldLock& lock : locks) {
    if (lock.task != task || !lock.at) continue;
    const auto is_at = [&lock](const StackFrame& frame) { return same_place(frame, *lock.at); };
    if (std::any_of(report.trace.begin(), report.trace.end(), is_at)) awaited = &lock;
  }
  if (awaited == nullptr) return nullptr;
  const auto holder = std::find_if(locks.begin(), locks.end(), [&](const HeldLock& lock) {
    return lock.address == awaited->address && lock.task != awaited->task && lock.at &&
           !same_place(*lock.at, *awaited->at);
  });
  return holder == locks.end() ? nullptr : &*holder;
}

std::string title_of(const KernelReport& report) {
  auto frame = module_frame(report.trace);
  if (frame == report.trace.end()) frame = report.trace.begin();
  return fmt::format("{} {} in {}()", plain_name(task_of(report)), report.kind == running ? "runs" : "waits",
                     frame->function.substr(0, frame->function.find('.')));
}

void finish(KernelReport& report, const std::vector<HeldLock>& locks) {
  report.title = title_of(report);
  if (report.kind != waiting) return;
  if (const HeldLock* holder = holder_of_awaited(report, locks)) {
    report.title += fmt::format(" for {}, which {} holds", plain_name(holder->name), plain_name(holder->task));
    report.locks.push_back({std::string(holder->name), {*holder->at}});
  }
}

}  // namespace

std::vector<KernelReport> find_hangs(const Hang& hang) {
  std::vector<Found> all;
  for (const StuckTask& task : hang.tasks)
    all.push_back(of_task(task));
  for (KernelReport& report : of_cpus(hang.said)) {
    if (report.pid == 1) continue;  // the agent, who asked
    const auto same =
        std::find_if(all.begin(), all.end(), [&report](const Found& found) { return found.report.pid == report.pid; });
    // The stack of a task that runs is not to be trusted; what its CPU says is.
    if (same != all.end() && report.pid) {
      same->report = std::move(report);
      same->in_kernel = true;
    } else if (report.pid.value_or(0) != 0) {
      all.push_back({std::move(report), hang.tasks.empty()});
    }
  }
  // Of code without a name nothing can be said.
  for (Found& found : all)
    std::erase_if(found.report.trace, [](const StackFrame& frame) { return frame.function.empty(); });
  const bool some_in_module =
      std::any_of(all.begin(), all.end(), [](const Found& found) { return is_in_module(found.report); });
  std::erase_if(all, [some_in_module](const Found& found) {
    if (found.report.trace.empty()) return true;
    return !is_in_module(found.report) && (some_in_module || !found.own || !found.in_kernel);
  });
  std::stable_sort(all.begin(), all.end(), [](const Found& a, const Found& b) { return a.own && !b.own; });

  const auto locks = held_locks(hang.said);
  std::vector<KernelReport> reports;
  for (Found& found : all) {
    finish(found.report, locks);
    reports.push_back(std::move(found.report));
  }
  return reports;
}

std::size_t interrupt_begin(const std::vector<KmsgRecord>& records) {
  const auto first = std::find_if(records.begin(), records.end(), [](const KmsgRecord& record) {
    // arch/x86/kernel/nmi.c; the last one where the others were lost
    return record.text.starts_with("NMI: PCI system error ") || record.text.starts_with("NMI: IOCK error ") ||
           record.text.starts_with("Uhhuh. NMI received ") || record.text.starts_with(panic_at_interrupt);
  });
  return static_cast<std::size_t>(first - records.begin());
}

}  // namespace labctl
