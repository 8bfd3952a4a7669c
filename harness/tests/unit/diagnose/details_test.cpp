#include <gtest/gtest.h>

#include "details.hpp"
#include "diagnose/diagnose.hpp"
#include "frames.hpp"

namespace labctl {
namespace {

KernelReport report_of(const std::vector<std::string>& lines) {
  std::vector<KmsgRecord> log;
  for (const auto& line : lines) {
    log.emplace_back();
    log.back().level = 4;
    log.back().text = line;
  }
  const auto reports = find_reports(log, 0, log.size());
  EXPECT_EQ(reports.size(), 1U);
  return reports.empty() ? KernelReport() : reports[0];
}

TEST(StackFrame, IsReadInEverySpelling) {
  for (const char* line : {" f.part.0+0x1a/0x100 [bad]", "[<0000000000000000>] f.part.0+0x1a/0x100 [bad]",
                           "\tf.part.0+0x1a/0x100 [bad 0123456789abcdef]"}) {
    const auto frame = stack_frame(line);
    ASSERT_TRUE(frame) << line;
    EXPECT_EQ(frame->function, "f.part.0");
    EXPECT_EQ(frame->offset, 0x1aU);
    EXPECT_EQ(frame->size, 0x100U);
    EXPECT_EQ(frame->module, "bad");
    EXPECT_FALSE(frame->exact);
  }
  EXPECT_EQ(stack_frame(" do_syscall_64+0x3e/0xf0")->module, "");
  EXPECT_TRUE(stack_frame(" f [inline]")->inlined);
  EXPECT_FALSE(stack_frame(" ? f+0x1/0x2"));
  EXPECT_TRUE(is_unsure_frame(" ? f+0x1/0x2 [bad]"));
  for (const char* line : {"", " ", "<TASK>", "0x439879", "f+0x1", "f+0x/0x2", "f+0x1/0x2 [", "f+0x1/0x2 []",
                           "bad: f+0x1/0x2", "f+0x1/0x2 and more", "[<0>", "x"})
    EXPECT_FALSE(stack_frame(line)) << line;
}

TEST(StackFrame, OnlyTheKernelsOwnInstructionIsExact) {
  const auto frame = instruction_pointer("RIP: 0010:f+0x0/0xc [bad]");
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->exact);
  EXPECT_EQ(frame->module, "bad");
  EXPECT_TRUE(instruction_pointer("EIP: f+0x1/0x2"));
  EXPECT_TRUE(instruction_pointer("pc : f+0x1/0x2 [bad]"));
  EXPECT_FALSE(instruction_pointer("RIP: 0033:0x439879"));
  EXPECT_FALSE(instruction_pointer("RIP: 0033:f+0x1/0x2"));
  EXPECT_FALSE(instruction_pointer("RIP: 0010:0x0"));
}

// Of code in a module that has gone the kernel knows no more.
TEST(StackFrame, MayBeAnAddressOnly) {
  for (const char* line : {" 0xffffffffc0000123", "    [<00000000abcd1234>] 0xffffffffc0000123",
                           "    [<(____ptrval____)>] 0xffffffffc0000123"}) {
    const auto frame = stack_frame(line);
    ASSERT_TRUE(frame) << line;
    EXPECT_EQ(frame->address, 0xffffffffc0000123);
    EXPECT_EQ(frame->function, "");
  }
  const auto running = instruction_pointer("RIP: 0010:0xffffffffc0000123");
  ASSERT_TRUE(running);
  EXPECT_EQ(running->address, 0xffffffffc0000123);
  EXPECT_TRUE(running->exact);
  for (const char* line : {" 0x439879", " 0xffffffffc0000123 and more", " ? 0xffffffffc0000123", " 0x"})
    EXPECT_FALSE(stack_frame(line)) << line;
}

TEST(Callback, IsReadWhereTheKernelNamesIt) {
  const std::string title = "ODEBUG: free active (active state 0) object type: timer_list hint: ";
  const auto named = callback_in(title + "rang+0x0/0x10 [traps]");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->function, "rang");
  EXPECT_EQ(named->module, "traps");
  EXPECT_TRUE(named->exact);
  EXPECT_EQ(callback_in(title + "0xffffffffa0000208")->address, 0xffffffffa0000208);
  const auto work = callback_in("     last function: leak_atomic [locks]");
  ASSERT_TRUE(work);
  EXPECT_EQ(work->function, "leak_atomic");
  EXPECT_EQ(work->module, "locks");
  EXPECT_EQ(callback_in("     last function: 0xffffffffa0000208")->address, 0xffffffffa0000208);
  for (const std::string& line : {title + "0x0", title, std::string("last function: "), std::string("no hint")})
    EXPECT_FALSE(callback_in(line)) << line;
  EXPECT_THAT(report_of({"------------[ cut here ]------------", title + "rang+0x0/0x10 [traps]",
                         "WARNING: CPU: 0 PID: 31 at lib/debugobjects.c:515 debug_print_object+0x6b/0x81"})
                  .callback,
              testing::SizeIs(1));
}

TEST(Details, OfAPageFault) {
  const auto report = report_of({"BUG: unable to handle page fault for address: ffffc90000fff000",
                                 "#PF: supervisor write access in kernel mode", "Oops: 0002 [#1] SMP",
                                 "CPU: 3 PID: 61 Comm: my prog Tainted: G           O", "RIP: 0010:f+0x5/0xc [bad]",
                                 "Call Trace:", " <TASK>", " ? g+0x1/0x2 [bad]", " h+0x3/0x9 [bad]", " </TASK>",
                                 "Modules linked in: bad(O)", "---[ end trace 0 ]---", "RIP: 0010:f+0x5/0xc [bad]"});
  EXPECT_EQ(report.kind, "oops-page-fault");
  EXPECT_EQ(report.process, "my prog");
  EXPECT_EQ(report.pid, 61);
  EXPECT_EQ(report.cpu, 3);
  ASSERT_TRUE(report.access);
  EXPECT_EQ(report.access->mode, MemoryAccess::Mode::write);
  EXPECT_EQ(report.access->address, 0xffffc90000fff000U);
  ASSERT_EQ(report.trace.size(), 2U);
  EXPECT_TRUE(report.trace[0].exact);
  EXPECT_EQ(report.trace[1].function, "h");
  EXPECT_FALSE(report.trace[1].exact);
  EXPECT_FALSE(report.corrupted);
}

TEST(Details, ATraceWithoutASureFrameIsCorrupted) {
  EXPECT_TRUE(
      report_of({"divide error: 0000 [#1] SMP", "Call Trace:", " ? f+0x1/0x2", " 0xffffffffa0005000"}).corrupted);
  EXPECT_TRUE(report_of({"divide error: 0000 [#1] SMP", "Call Trace:"}).corrupted);
  EXPECT_FALSE(report_of({"divide error: 0000 [#1] SMP"}).corrupted);
}

// 5.4 has one title for both.
TEST(Details, AWrongFreeIsToldApartByWhereItIs) {
  const std::string title = "BUG: KASAN: double-free or invalid-free in kfree+0x1/0x2";
  const std::vector<std::string> rest = {"Freed by task 61:", " kfree+0x1/0x2",
                                         "which belongs to the cache kmalloc-96 of size 96"};
  auto lines = rest;
  lines.insert(lines.begin(), title);
  EXPECT_EQ(report_of(lines).kind, "kasan-invalid-free");
  lines.push_back("The buggy address is located 8 bytes inside of");
  EXPECT_EQ(report_of(lines).kind, "kasan-invalid-free");
  lines.back() = "The buggy address is located 0 bytes inside of";
  EXPECT_EQ(report_of(lines).kind, "kasan-double-free");
}

// The nearest variable is named, of two that are equally near the one that was passed.
TEST(Details, AnAccessOfTheStackNamesItsVariable) {
  const auto report = report_of(
      {"BUG: KASAN: stack-out-of-bounds in f+0x1/0x2 [bad]", "Read of size 1 at addr ffff888008f9fb5a by task cat/61",
       "addr ffff888008f9fb5a is located in stack of task cat/61 at offset 42 in frame:", " f+0x0/0x90 [bad]",
       "this frame has 2 objects:", " [32, 42) 'line'", " [64, 72) 'x'"});
  EXPECT_EQ(report.region, "stack");
  ASSERT_TRUE(report.object);
  EXPECT_EQ(report.object->variable, "line");
  EXPECT_EQ(report.object->size, 10U);
  EXPECT_EQ(report.object->side, MemoryObject::Side::right);
  EXPECT_EQ(report.object->distance, 0U);
}

TEST(Details, AStallWithoutAModuleIsSuspectAndStaysAReport) {
  std::vector<std::string> lines = {"watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [swapper/1:0]",
                                    "RIP: 0010:default_idle+0x5/0x10", "Call Trace:", " do_idle+0x1/0x2"};
  EXPECT_TRUE(report_of(lines).suspect);
  EXPECT_EQ(report_of(lines).process, "swapper/1");
  EXPECT_EQ(report_of(lines).cpu, 1);
  // Whatever may be the module's is the module's: also a frame that is not sure.
  lines.emplace_back(" ? spin+0x1/0x2 [bad]");
  EXPECT_FALSE(report_of(lines).suspect);
  // So is one of which no CPU says where it is; other kinds are no matter of speed.
  EXPECT_TRUE(report_of({lines[0]}).suspect);
  EXPECT_FALSE(report_of({"divide error: 0000 [#1] SMP", "Call Trace:", " do_idle+0x1/0x2"}).suspect);
}

// Work that is under way is a module's, though it is in no trace.
TEST(Details, AWorkqueueLockupNamesAModuleByItsWork) {
  const std::string lockup = "BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!";
  EXPECT_TRUE(report_of({lockup, "    in-flight: 30:vmstat_update"}).suspect);
  EXPECT_FALSE(report_of({lockup, "    in-flight: 30:write_out [bad]"}).suspect);
  EXPECT_FALSE(report_of({lockup, "    pending: vmstat_update, write_out [bad]"}).suspect);
}

// In an interrupt: the frames that were running when it came are on the same stack, and that is all.
TEST(Details, WhatAnInterruptStoppedIsNotBlamed) {
  const std::vector<std::string> of_6_1 = {"Call Trace:",
                                           " <IRQ>",
                                           " run_timer_softirq+0x1/0x2",
                                           " sysvec_apic_timer_interrupt+0x1/0x2",
                                           " </IRQ>",
                                           " <TASK>",
                                           " asm_sysvec_apic_timer_interrupt+0x1/0x2",
                                           "RIP: 0010:delay_tsc+0x1/0x2",
                                           " innocent+0x1/0x2 [bad]"};
  const std::vector<std::string> of_5_4 = {"Call Trace:",
                                           " <IRQ>",
                                           " run_timer_softirq+0x1/0x2",
                                           " smp_apic_timer_interrupt+0x1/0x2",
                                           " apic_timer_interrupt+0x1/0x2",
                                           " </IRQ>",
                                           "RIP: 0010:delay_tsc+0x1/0x2",
                                           " innocent+0x1/0x2 [bad]"};
  // A softirq that runs when bottom halves are enabled again has no entry of its own.
  const std::vector<std::string> of_softirq = {"Call Trace:",
                                               " <IRQ>",
                                               " run_timer_softirq+0x1/0x2",
                                               " </IRQ>",
                                               " __local_bh_enable_ip+0x1/0x2",
                                               " innocent+0x1/0x2 [bad]"};
  for (const auto& trace : {of_6_1, of_5_4, of_softirq}) {
    std::vector<std::string> lines = {"general protection fault: 0000 [#1] SMP", "RIP: 0010:call_timer_fn+0x1/0x2"};
    lines.insert(lines.end(), trace.begin(), trace.end());
    auto report = report_of(lines);
    ASSERT_FALSE(report.trace.empty());
    EXPECT_FALSE(report.trace.front().interrupted);
    EXPECT_TRUE(report.trace.back().interrupted);
    EXPECT_EQ(blamed_frame(report, {"bad"}), nullptr);
    EXPECT_FALSE(is_in_module(report));
    report.trace.back().source = {{"innocent", "bad.c", 8, "mdelay(60);"}};
    EXPECT_EQ(own_line(report.trace), nullptr);

    // What runs in the interrupt is to blame as ever.
    lines.insert(std::find(lines.begin(), lines.end(), " run_timer_softirq+0x1/0x2"), " rang+0x1/0x2 [bad]");
    EXPECT_EQ(blamed_frame(report_of(lines), {"bad"})->function, "rang");

    // Of a stall the interrupt is the watcher's, and what it stopped is what does not end. Locks and stack are short
    // because of who holds them.
    for (const char* about :
         {"watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [insmod:61]", "BUG: MAX_LOCK_DEPTH too low!",
          "BUG: TASK stack guard page was hit at 00000000c0de0000"}) {
      lines[0] = about;
      EXPECT_FALSE(report_of(lines).trace.back().interrupted) << about;
    }
  }
}

TEST(Callback, IsReadInEverySpelling) {
  for (const auto* line :
       {"ODEBUG: free active hint: rang+0x0/0x1a [bad]", "     last function: rang [bad]",
        "timer: rang+0x0/0x1a [bad] preempt leak: 00000100 -> 00000300", "[<00000000c0de0000>] rang [bad]",
        "[<00000000c0de0000>] irq_default_primary_handler threaded [<00000000c0de0010>] rang [bad]"}) {
    const auto callback = callback_in(line);
    ASSERT_TRUE(callback) << line;
    EXPECT_EQ(callback->function, "rang");
    EXPECT_EQ(callback->module, "bad");
  }
  for (const auto* line : {"[<00000000c0de0000>] rang", "[<00000000c0de0000>] rang+0x1/0x2 [bad]", "timer: set",
                           "my timer: rang+0x0/0x1a [bad] preempt leak: 1", "[<", "[<>]", "[<>] "})
    EXPECT_FALSE(callback_in(line)) << line;
}

TEST(BlamedFrame, IsTheFirstInTheModules) {
  KernelReport report;
  report.trace = {
      {"memcpy", 1, 2, "", true, false}, {"help", 1, 2, "lib", false, false}, {"f", 1, 2, "bad", false, false}};
  report.alloc_trace = {{"make", 1, 2, "other", false, false}};
  EXPECT_EQ(blamed_frame(report, {"bad"})->function, "f");
  EXPECT_EQ(blamed_frame(report, {"bad", "lib"})->function, "help");
  EXPECT_EQ(blamed_frame(report, {"other"})->function, "make");
  EXPECT_EQ(blamed_frame(report, {"none"}), nullptr);
  EXPECT_EQ(blamed_frame(report, {}), nullptr);
  EXPECT_EQ(blamed_frame(report, {""}), nullptr);
}

}  // namespace
}  // namespace labctl
