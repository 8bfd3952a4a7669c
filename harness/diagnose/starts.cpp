#include "starts.hpp"

namespace labctl {
namespace {

// The format strings of 5.4 and 6.1, and what later kernels changed in them. Order matters where one beginning is part
// of another.
constexpr Start starts[] = {
    // mm/kasan/report.c, report_generic.c. 5.4 has one title for both wrong frees (details.cpp tells them apart).
    {"BUG: KASAN: double-free or invalid-free in ", "", "kasan-invalid-free", ReportEnd::rule},
    {"BUG: KASAN: double-free in ", "", "kasan-double-free", ReportEnd::rule},
    {"BUG: KASAN: invalid-free in ", "", "kasan-invalid-free", ReportEnd::rule},
    {"BUG: KASAN: use-after-scope in ", "", "kasan-use-after-scope", ReportEnd::rule},
    {"BUG: KASAN: null-ptr-deref in ", "", "kasan-null-ptr-deref", ReportEnd::rule},
    {"BUG: KASAN: user-memory-access in ", "", "kasan-user-memory-access", ReportEnd::rule},
    {"BUG: KASAN: wild-memory-access in ", "", "kasan-wild-access", ReportEnd::rule},
    {"BUG: KASAN: ", "use-after-free in ", "kasan-use-after-free", ReportEnd::rule},  // also "slab-use-after-free"
    {"BUG: KASAN: ", "out-of-bounds in ", "kasan-out-of-bounds", ReportEnd::rule},
    {"BUG: KASAN: ", "", "kasan", ReportEnd::rule},
    // mm/kfence/report.c, kernel/kcsan/report.c, mm/kmsan/report.c
    {"BUG: KFENCE: use-after-free ", "", "kfence-use-after-free", ReportEnd::rule},
    {"BUG: KFENCE: out-of-bounds ", "", "kfence-out-of-bounds", ReportEnd::rule},
    {"BUG: KFENCE: invalid free", "", "kfence-invalid-free", ReportEnd::rule},
    {"BUG: KFENCE: memory corruption", "", "kfence-corruption", ReportEnd::rule},
    {"BUG: KFENCE: ", "", "kfence", ReportEnd::rule},
    {"BUG: KCSAN: ", "", "kcsan", ReportEnd::rule},
    {"BUG: KMSAN: ", "", "kmsan", ReportEnd::rule},
    // lib/ubsan.c of 6.1; 5.4 says which in the line after "Undefined behaviour" (details.cpp)
    {"UBSAN: shift-out-of-bounds in ", "", "ubsan-shift", ReportEnd::rule},
    {"UBSAN: array-index-out-of-bounds in ", "", "ubsan-index", ReportEnd::rule},
    {"UBSAN: division-overflow in ", "", "ubsan-divide", ReportEnd::rule},
    {"UBSAN: invalid-load in ", "", "ubsan-load", ReportEnd::rule},
    {"UBSAN: null-ptr-deref in ", "", "ubsan-pointer", ReportEnd::rule},
    {"UBSAN: misaligned-access in ", "", "ubsan-pointer", ReportEnd::rule},
    {"UBSAN: object-size-mismatch in ", "", "ubsan-pointer", ReportEnd::rule},
    {"UBSAN: alignment-assumption in ", "", "ubsan-pointer", ReportEnd::rule},
    {"UBSAN: ", "integer-overflow in ", "ubsan-overflow", ReportEnd::rule},
    {"UBSAN: ", " in ", "ubsan", ReportEnd::rule},

    // arch/x86/mm/fault.c, arch/x86/kernel/traps.c, doublefault; arch/arm64/mm/fault.c
    {"BUG: kernel NULL pointer dereference, address: ", "", "oops-null", ReportEnd::marker},
    {"BUG: unable to handle page fault for address: ", "", "oops-page-fault", ReportEnd::marker},
    {"BUG: unable to handle kernel NULL pointer dereference", "", "oops-null", ReportEnd::marker},  // before 5.1
    {"BUG: unable to handle kernel ", "", "oops-page-fault", ReportEnd::marker},
    {"Unable to handle kernel NULL pointer dereference ", "", "oops-null", ReportEnd::marker},
    {"Unable to handle kernel ", " at virtual address ", "oops-page-fault", ReportEnd::marker},
    {"BUG: stack guard page was hit at ", "", "stack-overflow", ReportEnd::marker},
    {"BUG: ", " stack guard page was hit at ", "stack-overflow", ReportEnd::marker},
    {"PANIC: double fault", "", "double-fault", ReportEnd::trace},
    // lib/bug.c
    {"kernel BUG at ", "!", "kernel-bug", ReportEnd::marker},
    {"Kernel BUG at ", " [verbose debug info unavailable]", "kernel-bug", ReportEnd::marker},
    // kernel/panic.c and those who call panic()
    {"Kernel panic - not syncing: Attempted to kill init!", "", "panic-init", ReportEnd::rest},
    {"Kernel panic - not syncing: Out of memory", "", "panic-oom", ReportEnd::rest},
    {"Kernel panic - not syncing: System is deadlocked on memory", "", "panic-oom", ReportEnd::rest},
    {"Kernel panic - not syncing: out of memory", "", "panic-oom", ReportEnd::rest},
    {"Kernel panic - not syncing: stack-protector: ", "", "stack-smashed", ReportEnd::rest},
    {"Kernel panic - not syncing: corrupted stack end detected ", "", "stack-overflow", ReportEnd::rest},
    {"Kernel panic - not syncing: kernel stack overflow", "", "stack-overflow", ReportEnd::rest},
    {"Kernel panic - not syncing: Fatal exception", "", "panic-fatal-exception", ReportEnd::rest},
    {"Kernel panic - not syncing: panic_on_warn set", "", "panic-on-warn", ReportEnd::rest},
    {"Kernel panic - not syncing: ", "panic_on_warn set", "panic-on-warn", ReportEnd::rest},
    {"Kernel panic - not syncing: hung_task: ", "", "panic-hung-task", ReportEnd::rest},
    {"Kernel panic - not syncing: softlockup: ", "", "panic-hung-task", ReportEnd::rest},
    {"Kernel panic - not syncing: Hard LOCKUP", "", "panic-hung-task", ReportEnd::rest},
    {"Kernel panic - not syncing: RCU Stall", "", "panic-hung-task", ReportEnd::rest},
    {"Kernel panic - not syncing: VFS: Unable to mount root fs", "", "panic-no-root", ReportEnd::rest},
    {"Kernel panic - not syncing: No working init found.", "", "panic-no-root", ReportEnd::rest},
    {"Kernel panic - not syncing: Requested init ", "", "panic-no-root", ReportEnd::rest},
    {"Kernel panic - not syncing: ", "", "panic", ReportEnd::rest},
    {"WARNING: CPU: ", " at ", "warning", ReportEnd::marker},

    // kernel/locking/lockdep.c, rtmutex-debug.c
    {"WARNING: possible circular locking dependency detected", "", "lockdep-circular", ReportEnd::trace},
    {"WARNING: circular locking deadlock detected!", "", "lockdep-circular", ReportEnd::trace},
    {"WARNING: possible recursive locking detected", "", "lockdep-recursive", ReportEnd::trace},
    {"WARNING: possible irq lock inversion dependency detected", "", "lockdep-irq-inversion", ReportEnd::trace},
    {"WARNING: inconsistent lock state", "", "lockdep-inconsistent-state", ReportEnd::trace},
    {"WARNING: ", "-unsafe lock order detected", "lockdep-irq-unsafe", ReportEnd::trace},
    {"WARNING: Nested lock was not taken", "", "lockdep-nested-lock", ReportEnd::trace},
    {"WARNING: bad unlock balance detected!", "", "lockdep-unlock-balance", ReportEnd::trace},
    {"WARNING: bad contention detected!", "", "lockdep-unlock-balance", ReportEnd::trace},
    {"WARNING: held lock freed!", "", "lockdep-held-lock-freed", ReportEnd::trace},
    {"WARNING: lock held when returning to user space!", "", "lockdep-held-at-return", ReportEnd::trace},
    {"WARNING: ", " still has locks held!", "lockdep-held-at-exit", ReportEnd::trace},
    {"WARNING: chain_key collision", "", "lockdep", ReportEnd::trace},
    {"INFO: trying to register non-static key.", "", "lockdep-unregistered-key", ReportEnd::trace},
    {"BUG: key ", " has not been registered!", "lockdep-unregistered-key", ReportEnd::trace},
    {"BUG: looking up invalid subclass: ", "", "lockdep", ReportEnd::trace},
    {"BUG: MAX_LOCK_DEPTH too low!", "", "lockdep-depth", ReportEnd::trace},
    {"[ BUG: Invalid wait context ]", "", "invalid-wait-context", ReportEnd::trace},
    {"WARNING: suspicious RCU usage", "", "suspicious-rcu", ReportEnd::trace},

    // kernel/sched/core.c, kernel/locking/spinlock_debug.c, lib/smp_processor_id.c
    {"BUG: sleeping function called from invalid context at ", "", "sleep-in-atomic", ReportEnd::trace},
    {"BUG: scheduling while atomic: ", "", "scheduling-while-atomic", ReportEnd::trace},
    {"BUG: scheduling in a non-blocking section: ", "", "scheduling-while-atomic", ReportEnd::trace},
    {"BUG: assuming atomic context at ", "", "not-atomic", ReportEnd::trace},
    {"BUG: spinlock bad magic on CPU#", "", "spinlock-bad-magic", ReportEnd::trace},
    {"BUG: rwlock bad magic on CPU#", "", "spinlock-bad-magic", ReportEnd::trace},
    {"BUG: spinlock recursion on CPU#", "", "spinlock-recursion", ReportEnd::trace},
    {"BUG: spinlock cpu recursion on CPU#", "", "spinlock-recursion", ReportEnd::trace},
    {"BUG: rwlock recursion on CPU#", "", "spinlock-recursion", ReportEnd::trace},
    {"BUG: rwlock cpu recursion on CPU#", "", "spinlock-recursion", ReportEnd::trace},
    {"BUG: spinlock lockup suspected on CPU#", "", "spinlock-lockup", ReportEnd::trace},
    {"BUG: rwlock-lockup on CPU#", "", "spinlock-lockup", ReportEnd::trace},
    {"BUG: spinlock already unlocked on CPU#", "", "spinlock-not-held", ReportEnd::trace},
    {"BUG: spinlock wrong ", " on CPU#", "spinlock-not-held", ReportEnd::trace},
    {"BUG: rwlock wrong ", " on CPU#", "spinlock-not-held", ReportEnd::trace},
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
    {"rcu", " kthread starved for ", "rcu-stall", ReportEnd::trace},
    {"BUG: workqueue lockup - pool", "", "workqueue-lockup", ReportEnd::trace},
    {"BUG: workqueue leaked ", "", "workqueue-leak", ReportEnd::trace},
    // kernel/irq/spurious.c, kernel/softirq.c, kernel/time/timer.c
    {"irq ", ": nobody cared (try booting with the \"irqpoll\" option)", "irq-nobody-cared", ReportEnd::trace},
    {"irq event ", ": bogus return value ", "irq-bogus-return", ReportEnd::trace},
    {"huh, entered softirq ", " with preempt_count ", "softirq-leak", ReportEnd::this_line},
    {"schedule_timeout: wrong timeout value ", "", "wrong-timeout", ReportEnd::trace},

    // mm/, fs/, lib/, net/
    {"Out of memory: Killed process ", "", "oom-kill", ReportEnd::this_line},
    {"Out of memory (oom_kill_allocating_task): Killed process ", "", "oom-kill", ReportEnd::this_line},
    {"Memory cgroup out of memory: Killed process ", "", "oom-kill", ReportEnd::this_line},
    {"BUG: Bad page state in process ", "", "bad-page", ReportEnd::trace},
    {"BUG: Bad page map in process ", "", "bad-page", ReportEnd::trace},
    {"BUG: Bad page cache in process ", "", "bad-page", ReportEnd::trace},
    {"BUG: Bad rss-counter state ", "", "bad-rss-counter", ReportEnd::this_line},
    {"BUG: non-zero pgtables_bytes on freeing mm: ", "", "bad-rss-counter", ReportEnd::this_line},
    {"BUG: Dentry ", " still in use ", "dentry-in-use", ReportEnd::trace},
    {"VFS: Busy inodes after unmount of ", "", "inode-in-use", ReportEnd::this_line},  // fs/super.c
    {"VFS: Close: file count is 0", "", "file-closed-twice", ReportEnd::this_line},    // fs/open.c
    {"kmem_cache_destroy ", ": Slab cache still has objects", "slab-leak", ReportEnd::trace},
    {"kobject ", "something is seriously wrong.", "kobject", ReportEnd::trace},
    {"sysfs: cannot create duplicate filename '", "", "duplicate-name", ReportEnd::trace},
    {"unregister_netdevice: waiting for ", " to become free. Usage count = ", "netdevice-leak", ReportEnd::this_line},
    // kernel/module.c, kernel/module/main.c
    {"do_init_module: '", "'->init suspiciously returned ", "init-return", ReportEnd::trace},
};

constexpr Message messages[] = {
    // lib/refcount.c; only the first is what saturation means, the others say what led to it
    {"refcount_t: saturated; ", "", "refcount-saturated", ""},
    {"refcount_t: addition on 0; ", "", "refcount-use-after-free", ""},
    {"refcount_t: increment on 0; ", "", "refcount-use-after-free", ""},
    {"refcount_t: underflow; ", "", "refcount-underflow", ""},
    {"refcount_t: decrement hit 0; ", "", "refcount-leak", ""},
    {"refcount_t: ", "", "refcount", ""},
    {"list_add corruption", "", "list-corruption", ""},  // lib/list_debug.c
    {"list_add double add: ", "", "list-corruption", ""},
    {"list_del corruption", "", "list-corruption", ""},
    {"ODEBUG: free active ", " object type: ", "odebug-free-active", ""},  // lib/debugobjects.c
    {"ODEBUG: ", " object type: ", "odebug", ""},
    {"remove_proc_entry: removing non-empty directory ", "", "proc-leak", ""},  // fs/proc/generic.c
    {"proc_dir_entry '", "' already registered", "duplicate-name", ""},
    {"name '", "'", "proc-missing", "fs/proc/generic.c"},
    {"usercopy: Kernel memory ", " attempt detected ", "usercopy", ""},  // mm/usercopy.c
    {"Bad or missing usercopy whitelist? ", " attempt detected ", "usercopy", ""},
    {"kmem_cache_destroy ", ": Slab cache still has objects", "slab-leak", ""},  // mm/slab_common.c in 6.1
    {"Device '", "does not have a release() function", "kobject", ""},           // drivers/base/core.c
    {"kobject: '", "is not initialized, yet kobject_", "kobject", ""},           // lib/kobject.c
    {"kobject: (", "attempted to be registered with empty name!", "kobject", ""},
    {"VFS: Busy inodes after unmount of ", "", "inode-in-use", ""},  // fs/super.c in 6.1
    {"VFS: Close: file count is 0", "", "file-closed-twice", ""},    // fs/open.c in 6.1
    {"timer: ", " preempt leak: ", "softirq-leak", ""},              // kernel/time/timer.c
    {"Invalid clockid ", "", "timer-misuse", "kernel/time/hrtimer.c"},
    {"workqueue: ", " is flushing !WQ_MEM_RECLAIM ", "workqueue-misuse", ""},  // kernel/workqueue.c
    {"workqueue: per-cpu pwq for ", " has 0 refcnt", "workqueue-misuse", ""},
    {"workqueue: cannot queue ", " on wq ", "workqueue-misuse", ""},  // from 6.10
    // kernel/locking/mutex.c, mutex-debug.c, lockdep.c
    {"DEBUG_LOCKS_WARN_ON(", "", "mutex-misuse", "kernel/locking/mutex.c"},
    {"DEBUG_LOCKS_WARN_ON(", "", "mutex-misuse", "kernel/locking/mutex-debug.c"},
    {"DEBUG_LOCKS_WARN_ON(", "", "lockdep", "kernel/locking/lockdep.c"},
    // Those without a message, known by where they are. What mm/page_alloc.c has a BUG() for is something else.
    {"", "", "list-corruption", "lib/list_debug.c"},
    {"", "", "usercopy", "mm/usercopy.c"},
    {"", "", "allocation-size", "mm/page_alloc.c", Message::Of::warn},
    {"", "", "workqueue-misuse", "kernel/workqueue.c"},
    {"", "", "timer-misuse", "kernel/time/timer.c"},
    {"", "", "timer-misuse", "kernel/time/hrtimer.c"},
    {"", "", "kobject", "lib/kobject.c"},
};

}  // namespace

std::span<const Start> report_starts() {
  return starts;
}

std::span<const Message> warning_messages() {
  return messages;
}

}  // namespace labctl
