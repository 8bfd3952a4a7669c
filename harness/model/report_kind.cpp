#include "model/report_kind.hpp"

#include <algorithm>

namespace labctl {
namespace {

constexpr bool debug = true;

// docs/kernel-reports.md has the same rows in the same order; a test holds them together.
constexpr ReportKind kinds[] = {
    {"kasan-use-after-free", "memory was used after it had been freed", debug},
    {"kasan-use-after-scope", "a local variable was used after its block had ended", debug},
    {"kasan-out-of-bounds", "an access outside an object; the region says of what sort", debug},
    {"kasan-double-free", "memory was freed twice", debug},
    {"kasan-invalid-free", "a pointer was freed that no allocation had given", debug},
    {"kasan-null-ptr-deref", "an access through a NULL pointer, or a member of one", debug},
    {"kasan-user-memory-access", "an address of user space was used as the kernel's own", debug},
    {"kasan-wild-access", "an address that can be no memory was used", debug},
    {"kasan", "any other finding of KASAN", debug},
    {"kfence-use-after-free", "KFENCE: memory was used after it had been freed"},
    {"kfence-out-of-bounds", "KFENCE: an access outside an object"},
    {"kfence-invalid-free", "KFENCE: memory was freed twice, or a pointer that no allocation had given"},
    {"kfence-corruption", "KFENCE: bytes beside an object had changed when it was freed"},
    {"kfence", "any other finding of KFENCE"},
    {"kcsan", "KCSAN: two CPUs used the same memory without agreeing on it"},
    {"kmsan", "KMSAN: memory was used that nobody had written"},
    {"ubsan-shift", "a shift by a negative number, or by more bits than the type has", debug},
    {"ubsan-index", "an index outside its array", debug},
    {"ubsan-overflow", "a result that its type cannot hold", debug},
    {"ubsan-divide", "UBSAN: a division by zero, or one whose result its type cannot hold", debug},
    {"ubsan-load", "a value that its type cannot have, such as a bool of 2", debug},
    {"ubsan-pointer", "a pointer that is NULL, misaligned, or to an object too small for its type", debug},
    {"ubsan", "any other undefined behaviour", debug},
    {"oops-null", "an access through a NULL pointer, or a member of one"},
    {"oops-page-fault", "an access to an address without memory, or against its protection"},
    {"general-protection", "an address that can be none, often poison of a freed object, or a forbidden instruction"},
    {"divide-error", "a division by zero, or one whose result has no room"},
    {"invalid-opcode", "bytes that are no instruction were run"},
    {"int3", "a breakpoint that nobody had asked for"},
    {"stack-segment", "an address relative to the stack that can be none"},
    {"double-fault", "a fault in the handling of a fault, often because the stack was used up"},
    {"oops", "any other trap of the CPU in kernel code"},
    {"stack-overflow", "the kernel stack was used up"},
    {"stack-smashed", "the stack's guard value had changed when a function returned", debug},
    {"kernel-bug", "BUG() or BUG_ON()"},
    {"warning", "WARN() or WARN_ON() for which there is no kind of its own"},
    {"refcount-use-after-free", "a reference count of 0 was raised"},
    {"refcount-underflow", "a reference count went below 0"},
    {"refcount-leak", "a reference count was lowered to 0 by a function that frees nothing"},
    {"refcount-saturated", "a reference count went over its maximum"},
    {"refcount", "any other wrong use of a reference count"},
    {"list-corruption", "list_add() or list_del() found links that do not fit", debug},
    {"odebug-free-active", "memory was freed that held a timer or work which is still pending", debug},
    {"odebug", "a timer, work or other object was used in a state in which it must not be", debug},
    {"usercopy", "a copy between kernel and user space went outside its object"},
    {"kobject", "a kobject or device was used in the wrong order"},
    {"duplicate-name", "a name was registered twice in /proc or /sys"},
    {"proc-leak", "a folder of /proc was removed while entries were in it"},
    {"proc-missing", "an entry of /proc was removed that is not there"},
    {"slab-leak", "a slab cache was destroyed while objects of it were in use"},
    {"slub-double-free", "SLUB: an object was freed twice"},
    {"slub-use-after-free", "SLUB: a freed object had changed"},
    {"slub-out-of-bounds", "SLUB: bytes beside an object had changed"},
    {"slub", "any other finding of SLUB"},
    {"lockdep-circular", "locks are taken in orders that can deadlock", debug},
    {"lockdep-recursive", "a lock is taken that its task holds already", debug},
    {"lockdep-inconsistent-state", "a lock of an interrupt is also taken with that interrupt enabled", debug},
    {"lockdep-irq-inversion", "an interrupt can close a circle of locks", debug},
    {"lockdep-irq-unsafe", "under a lock of an interrupt, one is taken that is not safe from it", debug},
    {"lockdep-nested-lock", "the lock that was said to be held around another was not", debug},
    {"lockdep-unlock-balance", "a lock was released that was not held", debug},
    {"lockdep-held-lock-freed", "memory was freed with a held lock in it", debug},
    {"lockdep-held-at-return", "a system call returned with a lock held", debug},
    {"lockdep-held-at-exit", "a task ended, or slept for long, with a lock held", debug},
    {"lockdep-unregistered-key", "a lock was used that had not been initialised", debug},
    {"lockdep-depth", "a task held more locks at once than lockdep can follow, and it follows none any more", debug},
    {"lockdep", "any other finding of lockdep", debug},
    {"invalid-wait-context", "a lock that may sleep was taken where that is forbidden", debug},
    {"suspicious-rcu", "data under RCU was used without its protection", debug},
    {"sleep-in-atomic", "a function that may sleep was called where that is forbidden", debug},
    {"scheduling-while-atomic", "a task slept where that is forbidden", debug},
    {"not-atomic", "a function that needs an atomic context was called outside one", debug},
    {"smp-processor-id", "the CPU's number was used where the task may move to another", debug},
    {"spinlock-bad-magic", "a spinlock or rwlock was used that had not been initialised, or was overwritten", debug},
    {"spinlock-recursion", "a spinlock or rwlock was taken by the task or CPU that held it", debug},
    {"spinlock-lockup", "a spinlock or rwlock was not released for seconds", debug},
    {"spinlock-not-held", "a spinlock or rwlock was released that was not held, or by another task or CPU", debug},
    {"spinlock", "any other wrong use of a spinlock or rwlock", debug},
    {"mutex-misuse", "a mutex was used that had not been initialised, or released by another task", debug},
    {"soft-lockup", "a CPU ran kernel code for seconds without letting anything else run"},
    {"hard-lockup", "a CPU took no interrupt for seconds"},
    {"hung-task", "a task waited for longer than the limit without being interruptible"},
    {"rcu-stall", "a CPU or task kept RCU waiting"},
    {"workqueue-lockup", "a worker pool made no progress", debug},
    {"workqueue-leak", "a work function returned with a lock held or in atomic context", debug},
    {"workqueue-misuse", "a work item was queued or flushed as it must not be"},
    {"softirq-leak", "a tasklet, timer or other softirq returned with preemption or bottom halves still off"},
    {"timer-misuse", "a timer was used as it must not be"},
    {"wrong-timeout", "a task was to sleep for a negative time"},
    {"irq-nobody-cared", "an interrupt that no handler took"},
    {"irq-bogus-return", "an interrupt handler returned what is no answer"},
    {"oom-kill", "memory ran out, and a process was killed"},
    {"page-alloc-failure", "an allocation of pages failed"},
    {"allocation-size", "more memory was asked for at once than there can be"},
    {"bad-page", "the state of a page is not what it must be"},
    {"bad-rss-counter", "a process ended and its memory does not add up"},
    {"dentry-in-use", "a file system was unmounted while an entry of it was in use"},
    {"inode-in-use", "a file system was unmounted while an inode of it was in use"},
    {"file-closed-twice", "a file was closed that had been closed before"},
    {"netdevice-leak", "a network device is waited for that is still in use"},
    {"init-return", "an init function returned a positive value"},
    {"panic-init", "init was killed"},
    {"panic-oom", "memory ran out, and there was nothing to kill"},
    {"panic-fatal-exception", "a trap in an interrupt, or one that the kernel was told to stop at"},
    {"panic-on-warn", "a warning, with the kernel told to stop at one"},
    {"panic-hung-task", "a hung task or lockup, with the kernel told to stop at one"},
    {"panic-no-root", "the kernel found no root file system or no init"},
    {"panic", "any other panic, also one that a module asked for"},
    {"bug", "any other BUG or WARNING line with a stack trace"},
    {"hang-running", "a step was not over within its limit, and a CPU was busy with it in the kernel"},
    {"hang-waiting", "a step was not over within its limit, and waited in the kernel"},
};

}  // namespace

std::span<const ReportKind> report_kinds() {
  return kinds;
}

bool is_hang(std::string_view kind) {
  return kind == "hang-running" || kind == "hang-waiting";
}

const ReportKind* find_report_kind(std::string_view name) {
  const auto kind =
      std::find_if(std::begin(kinds), std::end(kinds), [name](const ReportKind& one) { return one.name == name; });
  return kind == std::end(kinds) ? nullptr : &*kind;
}

std::vector<std::string> report_kind_names() {
  std::vector<std::string> names;
  for (const ReportKind& kind : kinds)
    names.emplace_back(kind.name);
  return names;
}

}  // namespace labctl
