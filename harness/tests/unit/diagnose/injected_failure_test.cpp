// The trace of an allocation that the kernel was told to fail.
#include "diagnose/injected_failure.hpp"

#include <gmock/gmock.h>

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<KmsgRecord> log_of(const std::vector<std::string>& texts) {
  std::vector<KmsgRecord> log;
  for (const auto& text : texts)
    log.emplace_back().text = text;
  return log;
}

// The functions of the trace; "nothing" where there was no failure.
std::vector<std::string> functions(const std::vector<KmsgRecord>& log, std::size_t begin = 0) {
  const auto trace = find_injected_failure(log, begin, log.size());
  if (!trace) return {"nothing"};
  std::vector<std::string> names;
  for (const auto& frame : *trace)
    names.push_back(frame.module.empty() ? frame.function : frame.module + ":" + frame.function);
  return names;
}

const std::vector<std::string> failure = {
    "unwinds: begins",
    "FAULT_INJECTION: forcing a failure.\nname failslab, interval 1, probability 0, space 0, times 0",
    "CPU: 0 PID: 51 Comm: insmod Tainted: G           O       6.1.192 #1",
    "Call Trace:",
    " <TASK>",
    " dump_stack_lvl+0x34/0x44",
    " should_fail_ex.cold+0x5/0xa",
    " ? demo_init+0x1/0x1000 [demo]",
    " kmalloc_trace+0x22/0x60",
    " demo_init+0x2e/0x1000 [demo]",
    " ? 0xffffffffa0008000",
    " do_one_initcall+0x81/0x220",
    "RIP: 0033:0x4f1c3d",
    " later+0x1/0x2",
};

TEST(InjectedFailure, IsReadDownToTheSystemCall) {
  EXPECT_THAT(functions(log_of(failure)), ElementsAre("dump_stack_lvl", "should_fail_ex.cold", "kmalloc_trace",
                                                      "demo:demo_init", "do_one_initcall"));
}

TEST(InjectedFailure, IsOfTheKernelAndOfOneCaller) {
  EXPECT_THAT(functions(log_of({"all is well"})), ElementsAre("nothing"));
  EXPECT_THAT(functions(log_of(failure), 2), ElementsAre("nothing"));
  auto log = log_of(failure);
  log[1].facility = 1;
  EXPECT_THAT(functions(log), ElementsAre("nothing"));
  log = log_of(failure);
  for (auto& record : log)
    record.caller = "T51";
  log[9].caller = "C0";
  EXPECT_THAT(functions(log), ElementsAre("dump_stack_lvl", "should_fail_ex.cold", "kmalloc_trace", "do_one_initcall"));
}

// A trace has no limit but that of the stack, and the kernel prints what it is not sure of too.
TEST(InjectedFailure, MayBeFarDown) {
  auto log = log_of({failure.begin(), failure.begin() + 10});
  for (int i = 0; i < 400; ++i)
    for (const char* text : {" make+0x20/0x60 [demo]", " ? __kasan_check_read+0x11/0x20"})
      log.emplace_back().text = text;
  for (auto& record : log)
    record.caller = "T51";
  for (int i = 0; i < 3000; ++i) {  // what another CPU says in between
    KmsgRecord& other = *log.emplace(log.begin() + 12);
    other.caller = "C1";
    other.text = "demo: tick";
  }
  for (const char* text : {" do_one_initcall+0x81/0x220", "RIP: 0033:0x4f1c3d"}) {
    log.emplace_back().text = text;
    log.back().caller = "T51";
  }
  EXPECT_EQ(functions(log).size(), 405U);
  EXPECT_EQ(functions(log).back(), "do_one_initcall");
}

TEST(InjectedFailure, OfATraceThatWasCutNothingIsSaid) {
  auto log = log_of({failure.begin(), failure.begin() + 10});
  EXPECT_THAT(functions(log), IsEmpty());
  for (int i = 0; i < 5000; ++i)
    log.emplace_back().text = " make+0x20/0x60 [demo]";
  log.emplace_back().text = " do_one_initcall+0x81/0x220";
  EXPECT_THAT(functions(log), IsEmpty());
  // It was in init, whatever called that.
  EXPECT_EQ(functions(log_of({failure.begin(), failure.end() - 2})).back(), "do_one_initcall");
}

TEST(InjectedFailure, TheCallerOfInitMayBeUnsure) {
  auto texts = failure;
  texts[11] = " ? do_one_initcall+0x81/0x220";
  EXPECT_THAT(functions(log_of(texts)), ElementsAre("dump_stack_lvl", "should_fail_ex.cold", "kmalloc_trace",
                                                    "demo:demo_init", "do_one_initcall"));
  // Left on the stack from before, where the loader goes on after init.
  texts[9] = " do_init_module+0x6d/0x1fa";
  EXPECT_THAT(functions(log_of(texts)),
              ElementsAre("dump_stack_lvl", "should_fail_ex.cold", "kmalloc_trace", "do_init_module"));
}

TEST(InjectedFailure, MayHaveNoTrace) {
  auto log = log_of(failure);
  log.resize(2);
  EXPECT_THAT(functions(log), IsEmpty());
}

}  // namespace
}  // namespace labctl
