#include <gtest/gtest.h>

#include "diagnose/diagnose.hpp"

namespace labctl {
namespace {

KmsgRecord record(std::string text, int level = 4, std::string caller = "T61") {
  KmsgRecord made;
  made.text = std::move(text);
  made.level = level;
  made.caller = std::move(caller);
  return made;
}

std::vector<KmsgRecord> log_of(const std::vector<std::string>& lines) {
  std::vector<KmsgRecord> log;
  for (const auto& line : lines)
    log.push_back(record(line));
  return log;
}

std::vector<KernelReport> find_all(const std::vector<KmsgRecord>& log) {
  return find_reports(log, 0, log.size());
}

struct FirstLine {
  const char* text;
  const char* kind;
};

TEST(Lockdep, SaysThatItGaveUp) {
  const auto log =
      log_of({"lab: ready", "BUG: MAX_LOCKDEP_CHAINS too low!", "turning off the locking correctness validator."});
  EXPECT_EQ(lockdep_gave_up(log, 0, log.size()), "BUG: MAX_LOCKDEP_CHAINS too low!");
  EXPECT_EQ(lockdep_gave_up(log, 2, log.size()), "") << "before the test";
  EXPECT_TRUE(find_all(log).empty()) << "it is no report";
  auto said_by_a_program = log;
  said_by_a_program[1].facility = 1;
  EXPECT_EQ(lockdep_gave_up(said_by_a_program, 0, log.size()), "");
}

class AnnouncingLine : public testing::TestWithParam<FirstLine> {};

TEST_P(AnnouncingLine, IsFoundAtTheBeginningOfARecordOnly) {
  const auto [text, kind] = GetParam();
  const auto reports = find_all({record("lab: ready"), record(text)});
  ASSERT_EQ(reports.size(), 1U) << text;
  EXPECT_EQ(reports[0].kind, kind);
  EXPECT_EQ(reports[0].title, text);
  EXPECT_EQ(reports[0].log_begin, 1U);
  EXPECT_EQ(reports[0].log_end, 2U);

  EXPECT_TRUE(find_all({record("lab: " + std::string(text))}).empty()) << text;
  EXPECT_TRUE(find_all({record("look:\n" + std::string(text))}).empty()) << text;
}

TEST_P(AnnouncingLine, OfUserSpaceIsNone) {
  auto forged = record(GetParam().text);
  forged.facility = 1;
  EXPECT_TRUE(find_all({forged}).empty());
}

INSTANTIATE_TEST_SUITE_P(
    FindReports, AnnouncingLine,
    testing::Values(
        FirstLine{"BUG: KASAN: use-after-free in f+0x1/0x2 [bad]", "kasan-use-after-free"},
        FirstLine{"BUG: KASAN: slab-out-of-bounds in f+0x1/0x2 [bad]", "kasan-out-of-bounds"},
        FirstLine{"BUG: KASAN: double-free or invalid-free in f+0x1/0x2", "kasan-invalid-free"},
        FirstLine{"BUG: KFENCE: invalid free in f+0x1/0x2", "kfence-invalid-free"},
        FirstLine{"BUG: KCSAN: data-race in f / g", "kcsan"}, FirstLine{"BUG: KMSAN: uninit-value in f", "kmsan"},
        FirstLine{"UBSAN: Undefined behaviour in /src/bad.c:9:14", "ubsan"},
        FirstLine{"UBSAN: shift-out-of-bounds in /src/bad.c:9:14", "ubsan-shift"},
        FirstLine{"BUG: kernel NULL pointer dereference, address: 0000000000000000", "oops-null"},
        FirstLine{"BUG: unable to handle page fault for address: ffffc90000200000", "oops-page-fault"},
        FirstLine{"BUG: unable to handle kernel NULL pointer dereference at 0000000000000000", "oops-null"},
        FirstLine{"Oops: 0002 [#1] SMP", "oops"},
        FirstLine{"general protection fault: 0000 [#1] SMP", "general-protection"},
        FirstLine{"general protection fault, probably for non-canonical address 0xdead000000000108: 0000 [#3] PREEMPT",
                  "general-protection"},
        FirstLine{"divide error: 0000 [#1] SMP", "divide-error"},
        FirstLine{"invalid opcode: 0000 [#1] SMP KASAN", "invalid-opcode"}, FirstLine{"int3: 0000 [#1] SMP", "int3"},
        FirstLine{"stack segment: 0000 [#1] SMP", "stack-segment"},
        FirstLine{"double fault: 0000 [#12]", "double-fault"}, FirstLine{"Oops: int3: 0000 [#1] SMP", "int3"},
        FirstLine{"PANIC: double fault, error_code: 0x0", "double-fault"},
        FirstLine{"BUG: stack guard page was hit at 00000000c0de0000 (stack is 00000000c0de0000..00000000c0de0000)",
                  "stack-overflow"},
        FirstLine{"BUG: TASK stack guard page was hit at 00000000c0de0000 (stack is 0000000..00000000)",
                  "stack-overflow"},
        FirstLine{"kernel BUG at /src/bad.c:12!", "kernel-bug"},
        FirstLine{"Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009", "panic-init"},
        FirstLine{"WARNING: CPU: 0 PID: 61 at /src/bad.c:10 f+0x1/0x2 [bad]", "warning"},
        FirstLine{"WARNING: CPU: 0 PID: 61 at f+0x1/0x2 [bad]", "warning"},
        FirstLine{"WARNING: possible circular locking dependency detected", "lockdep-circular"},
        FirstLine{"WARNING: possible recursive locking detected", "lockdep-recursive"},
        FirstLine{"WARNING: possible irq lock inversion dependency detected", "lockdep-irq-inversion"},
        FirstLine{"WARNING: inconsistent lock state", "lockdep-inconsistent-state"},
        FirstLine{"WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected", "lockdep-irq-unsafe"},
        FirstLine{"WARNING: bad unlock balance detected!", "lockdep-unlock-balance"},
        FirstLine{"WARNING: held lock freed!", "lockdep-held-lock-freed"},
        FirstLine{"WARNING: lock held when returning to user space!", "lockdep-held-at-return"},
        FirstLine{"WARNING: cat/70 still has locks held!", "lockdep-held-at-exit"},
        FirstLine{"INFO: trying to register non-static key.", "lockdep-unregistered-key"},
        FirstLine{"BUG: MAX_LOCK_DEPTH too low!", "lockdep-depth"},
        FirstLine{"[ BUG: Invalid wait context ]", "invalid-wait-context"},
        FirstLine{"WARNING: suspicious RCU usage", "suspicious-rcu"},
        FirstLine{"BUG: sleeping function called from invalid context at mm/slab.h:498", "sleep-in-atomic"},
        FirstLine{"BUG: scheduling while atomic: agent/61/0x00000002", "scheduling-while-atomic"},
        FirstLine{"BUG: spinlock bad magic on CPU#0, agent/61", "spinlock-bad-magic"},
        FirstLine{"BUG: spinlock recursion on CPU#0, agent/61", "spinlock-recursion"},
        FirstLine{"BUG: rwlock bad magic on CPU#0, agent/61, 00000000c0de0000", "spinlock-bad-magic"},
        FirstLine{"BUG: using smp_processor_id() in preemptible [00000000] code: agent/61", "smp-processor-id"},
        FirstLine{"BUG: using __this_cpu_add() in preemptible [00000000] code: agent/61", "smp-processor-id"},
        FirstLine{"BUG: soft lockup - CPU#0 stuck for 22s! [agent:61]", "soft-lockup"},
        FirstLine{"watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [agent:61]", "soft-lockup"},
        FirstLine{"NMI watchdog: Watchdog detected hard LOCKUP on cpu 0", "hard-lockup"},
        FirstLine{"INFO: task cat:70 blocked for more than 30 seconds.", "hung-task"},
        FirstLine{"INFO: rcu_sched self-detected stall on CPU", "rcu-stall"},
        FirstLine{"rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", "rcu-stall"},
        FirstLine{"rcu: INFO: rcu_sched detected expedited stalls on CPUs/tasks: {", "rcu-stall"},
        FirstLine{"BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!", "workqueue-lockup"},
        FirstLine{"BUG: workqueue leaked lock or atomic: kworker/0:1/0x00000001/13", "workqueue-leak"},
        FirstLine{"irq event 24: bogus return value ffffffea", "irq-bogus-return"},
        FirstLine{"softirq: huh, entered softirq 6 TASKLET 0000000089915e61 with preempt_count 00000100, exited with "
                  "00000300?",
                  "softirq-leak"},
        FirstLine{"schedule_timeout: wrong timeout value fffffffffffffffb", "wrong-timeout"},
        FirstLine{"VFS: Close: file count is 0", "file-closed-twice"},
        FirstLine{"VFS: Busy inodes after unmount of loop0. Self-destruct in 5 seconds.  Have a nice day...",
                  "inode-in-use"},
        FirstLine{"BUG kmalloc-64 (Not tainted): Redzone overwritten", "slub-out-of-bounds"},
        FirstLine{"BUG bad_cache (Tainted: G    B      O     ): Object already free", "slub-double-free"},
        FirstLine{"BUG bad_cache (Tainted: G           O     ): Objects remaining in bad_cache on "
                  "__kmem_cache_shutdown()",
                  "slab-leak"},
        FirstLine{"kmem_cache_destroy bad_cache: Slab cache still has objects", "slab-leak"},
        FirstLine{"hog invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0",
                  "oom-kill"},
        FirstLine{"Out of memory: Killed process 70 (hog) total-vm:81240kB, anon-rss:80048kB", "oom-kill"},
        FirstLine{"agent: page allocation failure: order:10, mode:0x40dc0(GFP_KERNEL)", "page-alloc-failure"},
        FirstLine{"BUG: Bad page state in process agent  pfn:06a1b", "bad-page"},
        FirstLine{"BUG: Bad page map in process agent  pte:8000000006a1b067 pmd:06a1a067", "bad-page"},
        FirstLine{"BUG: Bad rss-counter state mm:00000000c0de0000 type:MM_ANONPAGES val:2", "bad-rss-counter"},
        FirstLine{"BUG: Dentry 00000000c0de0000{i=2,n=x}  still in use (1) [unmount of tmpfs tmpfs]", "dentry-in-use"},
        FirstLine{"unregister_netdevice: waiting for lab0 to become free. Usage count = 1", "netdevice-leak"},
        FirstLine{"kobject (00000000c0de0000): tried to init an initialized object, something is seriously wrong.",
                  "kobject"},
        FirstLine{"sysfs: cannot create duplicate filename '/class/lab'", "duplicate-name"},
        FirstLine{"do_init_module: 'bad'->init suspiciously returned 1, it should follow 0/-E convention",
                  "init-return"}),
    [](const auto& name) { return std::string("line_") + std::to_string(name.index); });

class Lookalike : public testing::TestWithParam<const char*> {};

TEST_P(Lookalike, IsNoReport) {
  EXPECT_TRUE(find_all({record(GetParam())}).empty()) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    FindReports, Lookalike,
    testing::Values("", " ", "BUG", "BUG:", "BUG: counter is negative", "WARNING: low level", "WARNING: CPU: hot",
                    "bad: loading out-of-tree module taints kernel.",
                    "bad: module verification failed: signature and/or required key missing - tainting kernel",
                    "ODEBUG: selftest passed", "INFO: lockdep is turned off.", "Debug: x", "error: BUG in my thinking",
                    "BUG kmalloc-64 overwritten", "BUG x (of mine): y", "INFO: task blocked", "INFO: rcu is fun",
                    "BUG: spinlock missing", "BUG: MAX_LOCKDEP_KEYS too low!", "Oops: forgot [#1]", "Oops: 0002",
                    "price: 0000 [#one] SMP", "ring entry: beef [#3]", "irq event 24: it came", "huh, entered softirq",
                    "VFS: Close: file count is 1", "Kernel panic", "Kernel panic - not syncing", "Out of memory",
                    "prog[70]: segfault at 0 ip 0000000000401136 sp 00007ffd2a7c7d90 error 6 in prog[401000+1000]",
                    "traps: prog[71] general protection fault ip:401136 sp:7ffd2a7c7d90 error:0",
                    "------------[ cut here ]------------", "---[ end trace 6e2d7b2c1a9f0d43 ]---",
                    "==================================================================",
                    "refcount_t: underflow; use-after-free.", "list_add corruption. prev is NULL."));

TEST(FindReports, LooksOnlyAtTheRangeGiven) {
  const auto log = log_of({"Oops: 0000 [#1] SMP", "x", "Oops: 0000 [#2] SMP", "y", "Oops: 0000 [#3] SMP"});
  const auto reports = find_reports(log, 1, 4);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].title, "Oops: 0000 [#2] SMP");
  EXPECT_EQ(reports[0].log_end, 4U);
  EXPECT_TRUE(find_reports(log, 3, 3).empty());
  EXPECT_TRUE(find_reports(log, 9, 4).empty());
  EXPECT_EQ(find_reports(log, 4, 99).size(), 1U);
  EXPECT_TRUE(find_reports({}, 0, 0).empty());
}

TEST(FindReports, AnUnknownBugNeedsAStackTrace) {
  const std::string bug = "BUG: something new";
  EXPECT_TRUE(find_all(log_of({bug, "bad: x"})).empty());
  const auto found = find_all(log_of({bug, "CPU: 0 PID: 1 Comm: x", "Call Trace:", " f+0x1/0x2", "bad: x"}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, "bug");
  EXPECT_EQ(found[0].log_end, 4U);
  // Another caller's stack trace is not its own, and one far away neither.
  auto log = log_of({bug, "CPU: 0 PID: 1 Comm: x"});
  log[1].caller = "C1";
  EXPECT_TRUE(find_all(log).empty());
  // At info a module may say what it likes before dump_stack().
  log = log_of({bug, "CPU: 0 PID: 1 Comm: x"});
  log[0].level = 6;
  EXPECT_TRUE(find_all(log).empty());
}

// A module may print numbers in the form that a trap's line has.
TEST(FindReports, ATrapWithUnknownWordsNeedsAStackTrace) {
  const std::string line = "ring entry: beef [#3]";
  EXPECT_TRUE(find_all(log_of({line, "bad: x"})).empty());
  auto log = log_of({line, "Modules linked in: bad(O)", "CPU: 0 PID: 1 Comm: x", "Call Trace:", " f+0x1/0x2"});
  ASSERT_EQ(find_all(log).size(), 1U);
  EXPECT_EQ(find_all(log)[0].kind, "oops");
  EXPECT_EQ(find_all(log)[0].log_end, 5U);
  log[0].level = 6;
  EXPECT_TRUE(find_all(log).empty());
  // In the report of a fault it is one more line of it, whatever its words.
  const auto fault =
      find_all(log_of({"BUG: TASK stack guard page was hit at 00000000c0de0000", "stack guard page: 0000 [#1]",
                       "CPU: 0 PID: 1 Comm: x", "Call Trace:", " f+0x1/0x2", "---[ end trace 0 ]---"}));
  ASSERT_EQ(fault.size(), 1U);
  EXPECT_EQ(fault[0].log_end, 6U);
}

// The CPU that stalls is asked by the one that noticed, and answers for itself.
TEST(FindReports, AStallHasTheAnswerOfItsCpu) {
  const std::vector<std::string> answer = {"NMI backtrace for cpu 1", "CPU: 1 PID: 29 Comm: insmod",
                                           "RIP: 0010:spin+0x1/0x2 [bad]", "Call Trace:", " bad_init+0x1/0x2 [bad]"};
  const auto log_with = [&answer](const std::string& start) {
    std::vector<KmsgRecord> log = {record(start, 3, "C0"), record("Sending NMI from CPU 0 to CPUs 1:", 4, "C0")};
    for (const auto& line : answer)
      log.push_back(record(line, 4, "C1"));
    log.push_back(record("rcu: rcu_preempt kthread starved for 9 jiffies!", 3, "C0"));
    log.push_back(record("bad: done", 6, "C1"));
    return log;
  };
  const auto log = log_with("rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:");
  const auto reports = find_all(log);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].log_end, 8U);
  EXPECT_EQ(reports[0].process, "insmod");
  EXPECT_EQ(reports[0].cpu, 1);
  EXPECT_FALSE(reports[0].suspect);
  ASSERT_EQ(reports[0].trace.size(), 2U);
  EXPECT_EQ(reports[0].trace[0].function, "spin");
  EXPECT_FALSE(reports[0].trace[1].interrupted);

  // An answer that nobody's stall asked for is no part of what else is told.
  const auto other = find_all(log_with("BUG: sleeping function called from invalid context at mm/slab.h:498"));
  ASSERT_FALSE(other.empty());
  EXPECT_TRUE(other[0].trace.empty());
  EXPECT_TRUE(find_all({log.begin() + 2, log.begin() + 7}).empty());
}

TEST(FindReports, HandlersBelongToTheReportOfTheirInterrupt) {
  const auto reports =
      find_all(log_of({"irq event 24: bogus return value ffffffea", "CPU: 0 PID: 29 Comm: insmod",
                       "Call Trace:", " __report_bad_irq+0x1/0x2", "handlers:", "[<00000000c0de0000>] other",
                       "[<00000000c0de0010>] answer [bad]", "bad: x"}));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].log_end, 7U);
  ASSERT_EQ(reports[0].callback.size(), 1U);
  EXPECT_EQ(reports[0].callback[0].function, "answer");
  EXPECT_EQ(reports[0].callback[0].module, "bad");
}

// A module that prints parts of reports must not make the kernel's own disappear.
TEST(FindReports, PrintedPiecesHideNothing) {
  const std::string real = "BUG: sleeping function called from invalid context at mm/slab.h:498";
  const std::vector<std::vector<std::string>> before = {
      {"------------[ cut here ]------------"},
      {"Oops: 0000 [#1] SMP"},
      {"hog invoked oom-killer: gfp_mask=0x0"},
      {"BUG: KASAN: fake"},
      {"Kernel panic - not syncing: fake"},
      {"WARNING: CPU: 0 PID: 0 at fake"},
      {"------------[ cut here ]------------", "x"},
      {"---[ end trace 0 ]---"},
      {"=========="},
  };
  for (const auto& lines : before) {
    auto log = log_of(lines);
    log.push_back(record(real));
    const auto reports = find_all(log);
    ASSERT_FALSE(reports.empty()) << lines[0];
    EXPECT_EQ(reports.back().title, real) << lines[0];
  }
}

TEST(FindReports, AWarningsMessageIsNotTakenFromElsewhere) {
  const std::string warning = "WARNING: CPU: 0 PID: 61 at lib/x.c:1 f+0x1/0x2";
  const std::string cut = "------------[ cut here ]------------";
  const std::string message = "refcount_t: underflow; use-after-free.";
  EXPECT_EQ(find_all(log_of({cut, message, warning}))[0].kind, "refcount-underflow");
  EXPECT_EQ(find_all(log_of({message, cut, warning}))[0].kind, "warning");
  EXPECT_EQ(find_all(log_of({message, warning}))[0].kind, "warning");
  // 6.1 destroys a cache with objects in it through WARN(), whose message alone is 5.4's announcing line.
  const auto reports = find_all(log_of({cut, "kmem_cache_destroy c: Slab cache still has objects when called from f",
                                        warning, "---[ end trace 0 ]---"}));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].kind, "slab-leak");
  EXPECT_EQ(reports[0].log_begin, 0U);
  EXPECT_EQ(reports[0].log_end, 4U);
}

// What kind a WARN() or BUG() at a place in the kernel is.
std::string kind_at(const std::string& announcing, const std::vector<std::string>& before) {
  auto lines = before;
  lines.push_back(announcing);
  const auto reports = find_all(log_of(lines));
  return reports.size() == 1 ? reports[0].kind : "not one report";
}

TEST(FindReports, AFileNamesAKindOnlyWhereThereIsNoMessage) {
  const std::string cut = "------------[ cut here ]------------";
  const auto warning_at = [](const std::string& place) { return "WARNING: CPU: 0 PID: 61 at " + place + " f+0x1/0x2"; };
  EXPECT_EQ(kind_at(warning_at("kernel/time/timer.c:705"), {cut}), "timer-misuse");
  EXPECT_EQ(kind_at(warning_at("kernel/time/timer.c:705"), {"bad: before", cut}), "timer-misuse");
  EXPECT_EQ(kind_at(warning_at("kernel/time/timer.c:705"), {cut, "what nobody foresaw"}), "warning");
  EXPECT_EQ(kind_at(warning_at("kernel/time/timer.c:1707"),
                    {cut, "timer: f+0x0/0x12 [bad] preempt leak: 00000100 -> 00000300"}),
            "softirq-leak");
  EXPECT_EQ(kind_at(warning_at("kernel/time/hrtimer.c:1603"), {cut, "Invalid clockid 77. Using MONOTONIC"}),
            "timer-misuse");
  EXPECT_EQ(kind_at(warning_at("kernel/workqueue.c:2635"),
                    {cut, "workqueue: WQ_MEM_RECLAIM a:f [bad] is flushing !WQ_MEM_RECLAIM events:g [bad]"}),
            "workqueue-misuse");
  EXPECT_EQ(
      kind_at(warning_at("kernel/workqueue.c:1495"), {cut, "workqueue: per-cpu pwq for bad on cpu0 has 0 refcnt"}),
      "workqueue-misuse");
  EXPECT_EQ(kind_at(warning_at("lib/kobject.c:210"),
                    {cut, "kobject: (00000000c0de0000): attempted to be registered with empty name!"}),
            "kobject");
  EXPECT_EQ(kind_at(warning_at("mm/page_alloc.c:5634"), {cut}), "allocation-size");
  EXPECT_EQ(kind_at("kernel BUG at mm/page_alloc.c:5757!", {cut}), "kernel-bug");
  // Before a BUG() anything may stand.
  EXPECT_EQ(kind_at("kernel BUG at kernel/time/timer.c:968!", {"bad: before", cut}), "timer-misuse");
}

// 6.1 warns of what 5.4 has one line for.
TEST(FindReports, AWarningsMessageThatAnnouncesItselfIsNoSecondReport) {
  const std::string cut = "------------[ cut here ]------------";
  EXPECT_EQ(kind_at("WARNING: CPU: 0 PID: 25 at fs/open.c:1426 filp_close+0x3e/0x68",
                    {cut, "VFS: Close: file count is 0 (f_op=proc_iter_file_ops)"}),
            "file-closed-twice");
  EXPECT_EQ(kind_at("WARNING: CPU: 0 PID: 25 at fs/super.c:503 generic_shutdown_super+0x1/0x2",
                    {cut, "VFS: Busy inodes after unmount of loop0 (bad)"}),
            "inode-in-use");
}

TEST(FindReports, ATitleIsBoundedPrintableAndOneLine) {
  const auto reports = find_all({record("BUG: KASAN: \x1b[31m" + std::string(5000, 'x') + "\nsecond  ")});
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].title.find('\n'), std::string::npos);
  EXPECT_EQ(reports[0].title.find('\x1b'), std::string::npos);
  EXPECT_LT(reports[0].title.size(), 400U);
}

TEST(FindReports, AReportWithoutAnEndIsBounded) {
  std::vector<KmsgRecord> log = {record("Oops: 0000 [#1] SMP")};
  for (int i = 0; i < 5000; ++i)
    log.push_back(record("bad: tick"));
  const auto reports = find_all(log);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_LE(reports[0].log_end, 600U);
}

// 10 MB of the worst lines known take well under a second; work that is not linear would pass ctest's own limit.
TEST(FindReports, ALongLogIsNoProblem) {
  const std::vector<std::string> lines = {"BUG: " + std::string(90, 'x'),
                                          "WARNING: " + std::string(90, ' '),
                                          std::string(100, '='),
                                          std::string(60, ' ') + "[#[#[#[#[#[#",
                                          "INFO: rcu" + std::string(90, 'r'),
                                          "------------[ cut here ]------------"};
  std::vector<KmsgRecord> log;
  for (std::size_t bytes = 0; bytes < 10'000'000; bytes += log.back().text.size()) {
    log.push_back(record(lines[log.size() % lines.size()]));
  }
  EXPECT_TRUE(find_all(log).empty());
}

}  // namespace
}  // namespace labctl
