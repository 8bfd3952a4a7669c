#include "report_start.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace labctl {
namespace {

// A line that begins with `begins` and, after that, holds `holds`.
struct Pattern {
  std::string_view begins;
  std::string_view holds;
  std::string_view kind;
  ReportEnd end;
};

// The format strings of 5.4 and 6.1. Order matters where one beginning is part of another.
constexpr Pattern patterns[] = {
    // mm/kasan/report.c, mm/kfence/report.c, kernel/kcsan/report.c, mm/kmsan/report.c
    {"BUG: KASAN: ", "", "kasan", ReportEnd::rule},
    {"BUG: KFENCE: ", "", "kfence", ReportEnd::rule},
    {"BUG: KCSAN: ", "", "kcsan", ReportEnd::rule},
    {"BUG: KMSAN: ", "", "kmsan", ReportEnd::rule},
    // lib/ubsan.c: "Undefined behaviour in F:L:C" (5.4), "shift-out-of-bounds in F:L:C" (6.1)
    {"UBSAN: ", " in ", "ubsan", ReportEnd::rule},

    // arch/x86/mm/fault.c, arch/x86/kernel/traps.c, doublefault
    {"BUG: kernel NULL pointer dereference, address: ", "", "oops", ReportEnd::marker},
    {"BUG: unable to handle page fault for address: ", "", "oops", ReportEnd::marker},
    {"BUG: unable to handle kernel ", "", "oops", ReportEnd::marker},  // before 5.1
    {"BUG: stack guard page was hit at ", "", "stack-overflow", ReportEnd::marker},
    {"BUG: ", " stack guard page was hit at ", "stack-overflow", ReportEnd::marker},
    {"PANIC: double fault", "", "oops", ReportEnd::trace},
    // lib/bug.c
    {"kernel BUG at ", "!", "kernel-bug", ReportEnd::marker},
    {"Kernel BUG at ", " [verbose debug info unavailable]", "kernel-bug", ReportEnd::marker},
    // kernel/panic.c
    {"Kernel panic - not syncing: ", "", "panic", ReportEnd::rest},
    {"WARNING: CPU: ", " at ", "warning", ReportEnd::marker},

    // kernel/locking/lockdep.c, rtmutex-debug.c
    {"WARNING: possible circular locking dependency detected", "", "lockdep", ReportEnd::trace},
    {"WARNING: possible recursive locking detected", "", "lockdep", ReportEnd::trace},
    {"WARNING: possible irq lock inversion dependency detected", "", "lockdep", ReportEnd::trace},
    {"WARNING: inconsistent lock state", "", "lockdep", ReportEnd::trace},
    {"WARNING: ", "-unsafe lock order detected", "lockdep", ReportEnd::trace},
    {"WARNING: Nested lock was not taken", "", "lockdep", ReportEnd::trace},
    {"WARNING: bad unlock balance detected!", "", "lockdep", ReportEnd::trace},
    {"WARNING: bad contention detected!", "", "lockdep", ReportEnd::trace},
    {"WARNING: held lock freed!", "", "lockdep", ReportEnd::trace},
    {"WARNING: lock held when returning to user space!", "", "lockdep", ReportEnd::trace},
    {"WARNING: ", " still has locks held!", "lockdep", ReportEnd::trace},
    {"WARNING: chain_key collision", "", "lockdep", ReportEnd::trace},
    {"WARNING: circular locking deadlock detected!", "", "lockdep", ReportEnd::trace},
    {"INFO: trying to register non-static key.", "", "lockdep", ReportEnd::trace},
    {"BUG: key ", " has not been registered!", "lockdep", ReportEnd::trace},
    {"BUG: looking up invalid subclass: ", "", "lockdep", ReportEnd::trace},
    {"[ BUG: Invalid wait context ]", "", "lockdep", ReportEnd::trace},
    {"WARNING: suspicious RCU usage", "", "suspicious-rcu", ReportEnd::trace},

    // kernel/sched/core.c, kernel/locking/spinlock_debug.c, lib/smp_processor_id.c
    {"BUG: sleeping function called from invalid context at ", "", "sleep-in-atomic", ReportEnd::trace},
    {"BUG: scheduling while atomic: ", "", "sleep-in-atomic", ReportEnd::trace},
    {"BUG: scheduling in a non-blocking section: ", "", "sleep-in-atomic", ReportEnd::trace},
    {"BUG: assuming atomic context at ", "", "sleep-in-atomic", ReportEnd::trace},
    {"BUG: spinlock ", " on CPU#", "spinlock", ReportEnd::trace},
    {"BUG: rwlock ", " on CPU#", "spinlock", ReportEnd::trace},
    {"BUG: using ", " in preemptible [", "smp-processor-id", ReportEnd::trace},

    // kernel/watchdog.c, watchdog_hld.c, hung_task.c, rcu/tree_stall.h, rcu/tree_exp.h, rcu/tasks.h, workqueue.c
    {"BUG: soft lockup - CPU#", " stuck for ", "soft-lockup", ReportEnd::trace},
    {"Watchdog detected hard LOCKUP on cpu ", "", "hard-lockup", ReportEnd::trace},
    {"INFO: task ", " blocked for more than ", "hung-task", ReportEnd::trace},
    {"INFO: rcu", " self-detected stall on CPU", "rcu-stall", ReportEnd::trace},
    {"INFO: rcu", " detected stalls on ", "rcu-stall", ReportEnd::trace},
    {"INFO: rcu", " detected expedited stalls on ", "rcu-stall", ReportEnd::trace},
    {"BUG: workqueue lockup - pool", "", "workqueue-lockup", ReportEnd::trace},
    {"BUG: workqueue leaked lock or atomic: ", "", "workqueue-leak", ReportEnd::trace},

    // mm/, fs/, lib/, net/
    {"Out of memory: Killed process ", "", "oom-kill", ReportEnd::this_line},
    {"Memory cgroup out of memory: Killed process ", "", "oom-kill", ReportEnd::this_line},
    {"BUG: Bad page state in process ", "", "bad-page", ReportEnd::trace},
    {"BUG: Bad page map in process ", "", "bad-page", ReportEnd::trace},
    {"BUG: Bad page cache in process ", "", "bad-page", ReportEnd::trace},
    {"BUG: Bad rss-counter state ", "", "bad-rss-counter", ReportEnd::this_line},
    {"BUG: non-zero pgtables_bytes on freeing mm: ", "", "bad-rss-counter", ReportEnd::this_line},
    {"BUG: Dentry ", " still in use ", "dentry-in-use", ReportEnd::trace},
    {"kmem_cache_destroy ", ": Slab cache still has objects", "slab-leak", ReportEnd::trace},
    {"kobject ", "something is seriously wrong.", "kobject", ReportEnd::trace},
    {"sysfs: cannot create duplicate filename '", "", "duplicate-name", ReportEnd::trace},
    {"unregister_netdevice: waiting for ", " to become free. Usage count = ", "netdevice-leak", ReportEnd::this_line},
    // kernel/module.c, kernel/module/main.c
    {"do_init_module: '", "'->init suspiciously returned ", "init-return", ReportEnd::trace},
};

// pr_fmt() prefixes of the files above.
constexpr std::string_view prefixes[] = {"watchdog: ", "NMI watchdog: ", "rcu: ", "workqueue: ", "kobject: "};

std::string_view without_prefix(std::string_view text) {
  for (const std::string_view prefix : prefixes) {
    if (text.starts_with(prefix)) return text.substr(prefix.size());
  }
  return text;
}

bool matches(const RE2& expression, std::string_view text) {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), expression);
}

// mm/slub.c slab_bug(): "BUG CACHE (Not tainted): WHAT", "BUG CACHE (Tainted: G    B      O     ): WHAT"
bool is_slub_line(std::string_view text) {
  static const RE2 expression(R"(^BUG [^():]{1,80} \((Not tainted|Tainted: [A-Z ]{1,60})\): )", RE2::Quiet);
  return text.starts_with("BUG ") && matches(expression, text);
}

// "COMM invoked oom-killer: gfp_mask=", "COMM: page allocation failure: order:N, mode:". A task's name has at most 15
// bytes, and no module's own prefix ("lab: ") stands before it.
bool follows_task_name(std::string_view text, std::string_view what) {
  const auto at = text.substr(0, 15 + what.size()).find(what);
  return at != std::string_view::npos && at > 0 && text.substr(0, at).find(": ") == std::string_view::npos;
}

}  // namespace

bool is_trap_line(std::string_view text) {
  // arch/x86/kernel/dumpstack.c __die_header(): "%s: %04lx [#%d]", with "Oops: " before it from 6.10. The number goes
  // up with each trap since boot.
  static const RE2 expression(R"(^(Oops: )?[^:\n]{1,120}: [0-9a-f]{4} \[#[0-9]{1,6}\]( |\n|$))", RE2::Quiet);
  const std::string_view head = text.substr(0, 160);
  return head.find(" [#") != std::string_view::npos && matches(expression, head);
}

std::optional<ReportStart> report_start(std::string_view text) {
  const std::string_view line = without_prefix(text.substr(0, text.find('\n')));
  const auto* found = std::find_if(std::begin(patterns), std::end(patterns), [line](const Pattern& pattern) {
    return line.starts_with(pattern.begins) &&
           line.find(pattern.holds, pattern.begins.size()) != std::string_view::npos;
  });
  if (found != std::end(patterns)) return ReportStart{found->kind, found->end};
  if (is_slub_line(line)) return ReportStart{"slub", ReportEnd::trace};
  if (is_trap_line(line)) return ReportStart{"oops", ReportEnd::marker};
  if (follows_task_name(line, " invoked oom-killer: gfp_mask=")) return ReportStart{"oom-kill", ReportEnd::oom};
  if (follows_task_name(line, ": page allocation failure: order:")) {
    return ReportStart{"page-alloc-failure", ReportEnd::trace};
  }
  if (follows_task_name(line, ": Corrupted page table at address ")) return ReportStart{"bad-page", ReportEnd::marker};
  return std::nullopt;
}

bool may_start_report(std::string_view text) {
  const std::string_view line = without_prefix(text);
  // "BUG: MAX_LOCKDEP_CHAINS too low!" and its like are lockdep at its own limits, not a fault.
  if (line.starts_with("BUG: MAX_")) return false;
  return line.starts_with("BUG: ") || line.starts_with("WARNING: ");
}

std::optional<std::string_view> kind_of_message(std::string_view message) {
  struct Message {
    std::string_view begins;
    std::string_view holds;
    std::string_view kind;
  };
  static constexpr Message messages[] = {
      {"refcount_t: ", "", "refcount"},                // lib/refcount.c
      {"list_add corruption", "", "list-corruption"},  // lib/list_debug.c
      {"list_add double add: ", "", "list-corruption"},
      {"list_del corruption", "", "list-corruption"},
      {"ODEBUG: ", " object type: ", "odebug"},                               // lib/debugobjects.c
      {"remove_proc_entry: removing non-empty directory ", "", "proc-leak"},  // fs/proc/generic.c
      {"proc_dir_entry '", "' already registered", "duplicate-name"},
      {"usercopy: Kernel memory ", " attempt detected ", "usercopy"},  // mm/usercopy.c
      {"Bad or missing usercopy whitelist? ", " attempt detected ", "usercopy"},
      {"kmem_cache_destroy ", ": Slab cache still has objects", "slab-leak"},  // mm/slab_common.c in 6.1
      {"Device '", "does not have a release() function", "kobject"},           // drivers/base/core.c
      {"kobject: '", "is not initialized, yet kobject_put() is being called", "kobject"},
  };
  const auto* found = std::find_if(std::begin(messages), std::end(messages), [message](const Message& candidate) {
    return message.starts_with(candidate.begins) &&
           message.find(candidate.holds, candidate.begins.size()) != std::string_view::npos;
  });
  if (found == std::end(messages)) return std::nullopt;
  return found->kind;
}

bool is_cut_here(std::string_view text) {
  return text == "------------[ cut here ]------------";
}

bool is_rule(std::string_view text) {
  return text.size() >= 10 && text.find_first_not_of('=') == std::string_view::npos;
}

}  // namespace labctl
