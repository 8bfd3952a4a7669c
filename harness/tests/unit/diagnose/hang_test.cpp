#include "diagnose/hang.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>

namespace labctl {
namespace {

using testing::ElementsAre;

std::vector<KmsgRecord> records(const std::string& caller, std::initializer_list<const char*> lines) {
  std::vector<KmsgRecord> all;
  for (const char* line : lines) {
    KmsgRecord record;
    record.caller = caller;
    record.text = line;
    all.push_back(record);
  }
  return all;
}

void append(std::vector<KmsgRecord>& all, std::vector<KmsgRecord> more) {
  all.insert(all.end(), more.begin(), more.end());
}

std::vector<std::string> functions(const KernelReport& report) {
  std::vector<std::string> names;
  for (const StackFrame& frame : report.trace)
    names.push_back(frame.function);
  return names;
}

std::vector<std::string> titles(const std::vector<KernelReport>& reports) {
  std::vector<std::string> all;
  for (const KernelReport& report : reports)
    all.push_back(report.title);
  return all;
}

StuckTask task(int id, const std::string& name, char state, bool own, const std::string& stack) {
  return {id, name, state, own, stack};
}

const std::string waits_in_init =
    "[<0>] wait_for_mutex+0x32/0x40 [hangs]\n[<0>] hangs_init+0x6a/0x1000 [hangs]\n[<0>] do_one_initcall+0xa8/0x1e8\n";

// What a 6.1 kernel said whose only CPU was in a module's loop.
std::vector<KmsgRecord> interrupted() {
  return records("T25", {"NMI: PCI system error (SERR) for reason ff on CPU 0.",
                         "Kernel panic - not syncing: NMI: Not continuing",
                         "CPU: 0 PID: 25 Comm: insmod Tainted: G           O       6.1.192 #1 ",
                         "Call Trace:",
                         " <NMI>",
                         " dump_stack_lvl+0x3a/0x4c",
                         " panic+0xed/0x25b",
                         " ? vprintk+0x22/0x2b",
                         " nmi_panic+0x27/0x32",
                         " pci_serr_error+0x48/0x63",
                         " default_do_nmi+0x90/0xd4",
                         " end_repeat_nmi+0x16/0x1f",
                         "RIP: 0010:spin+0x4/0x10 [hangs]",
                         "Code: c0 48 8d 65 d8 5b 41 5c",
                         "RSP: 0018:ffffffff81a03e58 EFLAGS: 00000246",
                         " ? spin+0x4/0x10 [hangs]",
                         " </NMI>",
                         " <TASK>",
                         " hangs_init+0x30/0x1000 [hangs]",
                         " do_one_initcall+0x7e/0x158",
                         " </TASK>",
                         "Kernel Offset: disabled"});
}

TEST(FindHangs, AnInterruptedCpuIsWhereItWas) {
  const auto reports = find_hangs({{}, interrupted()});
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].kind, "hang-running");
  EXPECT_EQ(reports[0].title, "insmod/25 runs in spin()");
  EXPECT_EQ(reports[0].cpu, 0);
  EXPECT_THAT(functions(reports[0]), ElementsAre("spin", "hangs_init", "do_one_initcall"));
  EXPECT_TRUE(reports[0].trace[0].exact);
  EXPECT_EQ(reports[0].trace[0].module, "hangs");
}

TEST(FindHangs, AnIdleCpuIsInNobodysWay) {
  const auto idle = records(
      "C0", {"Kernel panic - not syncing: NMI: Not continuing", "CPU: 0 PID: 0 Comm: swapper/0 Not tainted 6.1.192 #1 ",
             "Call Trace:", "RIP: 0010:native_safe_halt+0x13/0x14", " do_idle+0x78/0xae"});
  EXPECT_TRUE(find_hangs({{}, idle}).empty());
}

TEST(FindHangs, AWaitingTaskIsWhereItsStackSays) {
  const auto reports = find_hangs({{task(31, "insmod", 'D', true, waits_in_init)}, {}});
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].kind, "hang-waiting");
  EXPECT_EQ(reports[0].title, "insmod/31 waits in wait_for_mutex()");
  EXPECT_EQ(reports[0].pid, 31);
  EXPECT_EQ(reports[0].process, "insmod");
  EXPECT_THAT(functions(reports[0]), ElementsAre("wait_for_mutex", "hangs_init", "do_one_initcall"));
  EXPECT_FALSE(reports[0].trace[0].exact);
}

// Of two CPUs: 5.4 prints for both of them from the one that asked, newer kernels from each itself.
TEST(FindHangs, ATaskThatRunsIsWhereItsCpuSays) {
  const std::string stale = "[<0>] schedule+0x10/0x20\n[<0>] old_place+0x1/0x2 [hangs]\n";
  for (const std::string caller : {"T1", "C1"}) {
    auto said = records("T1", {"sysrq: Show backtrace of all active CPUs", "NMI backtrace for cpu 0",
                               "CPU: 0 PID: 1 Comm: init Tainted: G           O       6.1.192 #1 ",
                               "Call Trace:", " dump_stack+0x10/0x12", " sysrq_handle_showallcpus+0x17/0x19",
                               "Sending NMI from CPU 0 to CPUs 1-2:"});
    append(said, records(caller, {"NMI backtrace for cpu 1", "CPU: 1 PID: 39 Comm: insmod Tainted: G           O",
                                  "RIP: 0010:spin+0x9/0xb [hangs]", "RSP: 0018:ffff888000e67c38 EFLAGS: 00000246",
                                  "Call Trace:", " hangs_init+0x6a/0x1000 [hangs]", " do_one_initcall+0xa8/0x1e8"}));
    append(said, records("C2", {"NMI backtrace for cpu 2 skipped: idling at native_safe_halt+0xe/0x10"}));
    const auto reports = find_hangs({{task(39, "insmod", 'R', true, stale)}, said});
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].title, "insmod/39 runs in spin()");
    EXPECT_EQ(reports[0].cpu, 1);
    EXPECT_THAT(functions(reports[0]), ElementsAre("spin", "hangs_init", "do_one_initcall"));
  }
}

TEST(FindHangs, OneThatWasPreemptedIsWhereItsStackSays) {
  for (const std::string entry : {"asm_sysvec_apic_timer_interrupt", "retint_kernel"}) {
    const auto reports = find_hangs(
        {{task(31, "insmod", 'R', true,
               "[<0>] " + entry + "+0x1/0x2\n[<0>] spin+0x9/0xb [hangs]\n[<0>] hangs_init+0x3/0x4 [hangs]\n")},
         {}});
    ASSERT_THAT(titles(reports), ElementsAre("insmod/31 runs in spin()"));
    EXPECT_FALSE(reports[0].trace[0].exact);
    EXPECT_TRUE(reports[0].trace[1].exact);
    EXPECT_FALSE(reports[0].trace[2].exact);
  }
}

TEST(FindHangs, WhoHoldsTheLockIsTold) {
  const auto said = records(
      "T1", {"Showing all locks held in the system:", "1 lock held by init/1:",
             " #0: ffff888000bce430 (sb_writers#4){.+.+}-{0:0}, at: vfs_write+0x15e/0x304",
             "2 locks held by insmod/31:", " #0: ffffffffa0003000 (other){+.+.}-{3:3}, at: elsewhere+0x15/0x30 [hangs]",
             " #1: ffffffffa0002080 (kept){+.+.}-{3:3}, at: wait_for_mutex+0x32/0x40 [hangs]",
             "1 lock held by keeper/33:", " #0: ffffffffa0002080 (kept){+.+.}-{3:3}, at: keep_mutex+0x17/0x2f [hangs]",
             "=============================================", ""});
  const auto reports = find_hangs({{task(31, "insmod", 'D', true, waits_in_init)}, said});
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].title, "insmod/31 waits in wait_for_mutex() for kept, which keeper/33 holds");
  ASSERT_EQ(reports[0].locks.size(), 1U);
  EXPECT_EQ(reports[0].locks[0].lock, "kept");
  ASSERT_EQ(reports[0].locks[0].trace.size(), 1U);
  EXPECT_EQ(reports[0].locks[0].trace[0].function, "keep_mutex");
}

TEST(FindHangs, ALockThatNobodyElseHoldsIsNotToldOf) {
  const auto said = records("T1", {"1 lock held by insmod/31:",
                                   " #0: ffffffffa0002080 (kept){+.+.}-{3:3}, at: wait_for_mutex+0x32/0x40 [hangs]"});
  const auto reports = find_hangs({{task(31, "insmod", 'D', true, waits_in_init)}, said});
  EXPECT_THAT(titles(reports), ElementsAre("insmod/31 waits in wait_for_mutex()"));
}

TEST(FindHangs, TheStepsOwnTasksComeFirstAndOthersOnlyFromModules) {
  const auto reports = find_hangs(
      {{task(40, "kworker/0:1", 'D', false, "[<0>] msleep+0x1/0x2\n[<0>] work+0x3/0x4 [hangs]\n"),
        task(41, "jbd2", 'D', false, "[<0>] io_schedule+0x1/0x2\n"), task(31, "insmod", 'D', true, waits_in_init)},
       {}});
  EXPECT_THAT(titles(reports), ElementsAre("insmod/31 waits in wait_for_mutex()", "kworker/0:1/40 waits in work()"));
}

TEST(FindHangs, OutsideModulesOnlyTheStepsOwnTasksAreToldOf) {
  const auto reports = find_hangs({{task(41, "jbd2", 'D', false, "[<0>] io_schedule+0x1/0x2\n"),
                                    task(31, "cat", 'S', true, "[<0>] pipe_read+0x1/0x2\n[<0>] vfs_read+0x3/0x4\n"),
                                    task(32, "cat", 'R', true, "[<0>] exit_to_user+0x1/0x2\n")},
                                   {}});
  EXPECT_THAT(titles(reports), ElementsAre("cat/31 waits in pipe_read()"));
}

TEST(FindHangs, NothingIsKnownOfATaskWithoutAStack) {
  EXPECT_TRUE(find_hangs({}).empty());
  EXPECT_TRUE(find_hangs({{task(31, "loop", 'R', true, "")}, {}}).empty());
  // A CPU in user space has a RIP of that, and no trace.
  const auto said = records("C1", {"NMI backtrace for cpu 1", "CPU: 1 PID: 31 Comm: loop Not tainted 6.1.192 #1 ",
                                   "RIP: 0033:0x443b00", "RSP: 002b:00007fff8bdd9488 EFLAGS: 00000202"});
  EXPECT_TRUE(find_hangs({{task(31, "loop", 'R', true, "[<0>] stale+0x1/0x2 [hangs]\n")}, said}).empty());
}

TEST(FindHangs, CodeWithoutANameIsLeftOut) {
  const auto reports =
      find_hangs({{task(31, "rmmod", 'D', true, "[<0>] 0xffffffffc0000123\n[<0>] kthread_stop+0x1/0x2\n")}, {}});
  EXPECT_THAT(titles(reports), ElementsAre("rmmod/31 waits in kthread_stop()"));
  EXPECT_TRUE(find_hangs({{task(31, "rmmod", 'D', true, "[<0>] 0xffffffffc0000123\n")}, {}}).empty());
}

TEST(FindHangs, WhatGuestsWriteIsSafeToPrint) {
  const auto reports = find_hangs({{task(31, "a\x1b[2J\nb", 'D', true, waits_in_init)}, {}});
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].title.find_first_of("\x1b\n"), std::string::npos);
}

TEST(InterruptBegin, IsTheFirstLineOfTheAnswer) {
  auto log = records("T25", {"hangs: loading out-of-tree module taints kernel.", "hangs: about to loop"});
  EXPECT_EQ(interrupt_begin(log), 2U);
  append(log, interrupted());
  EXPECT_EQ(interrupt_begin(log), 2U);
  EXPECT_EQ(interrupt_begin(records("C0", {"x", "Uhhuh. NMI received for unknown reason 30 on CPU 0."})), 1U);
  EXPECT_EQ(interrupt_begin(records("C0", {"x", "Kernel panic - not syncing: Fatal exception"})), 2U);
}

}  // namespace
}  // namespace labctl
