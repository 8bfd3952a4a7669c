// Kernel log → what the kernel reported of its own health. Pure, and linear in the log's size.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/observation.hpp"
#include "model/result.hpp"

namespace labctl {

// Every report in log[begin, end), in the order of their first lines. Lines that only look like one ("ODEBUG:
// selftest passed", "lockdep is turned off", a module's own "WARNING: low level") give none. Records written by user
// space (facility other than 0) never do.
//
// KernelReport::kind is one of:
//   kasan kfence kcsan kmsan ubsan         what the sanitizers find
//   oops                                   NULL pointer, page fault, general protection, divide error, other traps
//   kernel-bug                             BUG() in kernel or module code
//   stack-overflow                         the stack guard page was hit
//   panic                                  also as a report of its own after an oops that led to it
//   warning                                WARN() for which there is no kind below
//   refcount list-corruption odebug usercopy kobject duplicate-name proc-leak slab-leak
//   slub                                   SLUB's own checks
//   lockdep suspicious-rcu                 lock order, unlock balance, locks kept or freed while held
//   sleep-in-atomic spinlock smp-processor-id
//   soft-lockup hard-lockup hung-task rcu-stall workqueue-lockup workqueue-leak
//   oom-kill page-alloc-failure bad-page bad-rss-counter dentry-in-use netdevice-leak
//   init-return                            an init function returned a positive value
//   bug                                    any other "BUG:" or "WARNING:" with a stack trace, not at a level below
//                                          warning
// KernelReport::title is its announcing line, printable and on one line; for a WARN() with a kind of its own, the
// message of the WARN().
//
// A report begins with its announcing line and with the "cut here" or "====" line and message right before it. It
// ends with what its kind ends with ("---[ end trace" and the registers repeated after it, a line of "====", the last
// frame of its stack trace), before the next report of the same caller, or with the log. Records of other callers that
// came in between are inside its range; two reports from two CPUs may overlap.
std::vector<KernelReport> find_reports(const std::vector<KmsgRecord>& log, std::size_t begin, std::size_t end);

// The console text of a guest that died, as records: "[    1.234567][  T123] text" lines, also where such a line
// begins behind unfinished output of a program. Lines of other forms continue the record before; what comes before the
// first record is one of its own at time 0. A record of several lines comes back as several, because the kernel stamps
// each line. The console does not have levels or sequence numbers: level is 6, sequence counts from 0. For when the
// agent could not send the last records.
std::vector<KmsgRecord> records_from_console(const std::string& console);

}  // namespace labctl
