// Which allocations of a load are made to fail, what the runs with them are, and what they say together.
#include "init_faults.hpp"

#include <gmock/gmock.h>

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

int line = 0;

Step step_of(Action action) {
  Step step;
  step.action = std::move(action);
  step.where.line = ++line;
  return step;
}

labctl::Test test_of(std::vector<Step> steps) {
  labctl::Test test;
  test.name = "one";
  test.points = 3;
  test.init_faults = true;
  test.needs = {"another"};
  test.leftover_flavours = {"release"};
  test.steps = std::move(steps);
  return test;
}

std::vector<std::string> summaries(const labctl::Test& test) {
  std::vector<std::string> lines;
  for (const Step& step : test.steps)
    lines.push_back(step_summary(step));
  return lines;
}

TEST(InitFaults, AreOfLoadsThatMustSucceedAndOfARepeatOfItsFirstTurn) {
  Step again = step_of(LoadStep{"c", {}});
  again.round = 1;
  Step second = again;
  second.round = 2;
  const auto test = test_of({step_of(LoadStep{"a", {}}), step_of(LoadStep{"b", {}, 22}), again, second});
  EXPECT_THAT(loads_with_faults(test), ElementsAre(0, 2));
  const auto counting = counting_allocations(test);
  EXPECT_EQ(std::get<LoadStep>(counting.steps[0].action).failing_allocation, LoadStep::count_allocations);
  EXPECT_EQ(std::get<LoadStep>(counting.steps[1].action).failing_allocation, 0U);
  EXPECT_EQ(std::get<LoadStep>(counting.steps[3].action).failing_allocation, 0U);
  auto without = test;
  without.init_faults = false;
  EXPECT_EQ(std::get<LoadStep>(counting_allocations(without).steps[0].action).failing_allocation, 0U);
}

TEST(InitFaults, ARunEndsWithTheLoadAndClearsUp) {
  OpenStep file;
  file.path = "/dev/a";
  file.name = "one";
  OpenStep closed = file;
  closed.name = "two";
  const auto test = test_of({step_of(LoadStep{"gone", {}}), step_of(UnloadStep{"gone"}), step_of(LoadStep{"a", {}}),
                             step_of(file), step_of(closed), step_of(CloseStep{"two"}), step_of(LoadStep{"b", {}}),
                             step_of(SleepStep{}), step_of(UnloadStep{"b"})});
  const auto faulty = with_failing_allocation(test, 6, 57);
  EXPECT_THAT(summaries(faulty),
              ElementsAre("load gone", "unload gone", "load a", "open /dev/a as one", "open /dev/a as two", "close two",
                          "load b", "close one", "unload b", "unload a"));
  EXPECT_EQ(std::get<LoadStep>(faulty.steps[6].action).failing_allocation, 57U);
  EXPECT_EQ(std::get<LoadStep>(faulty.steps[2].action).failing_allocation, 0U);
  EXPECT_TRUE(std::get<UnloadStep>(faulty.steps[8].action).if_loaded);
  EXPECT_FALSE(std::get<UnloadStep>(faulty.steps[1].action).if_loaded);
  EXPECT_THAT(faulty.needs, IsEmpty());
  EXPECT_THAT(faulty.leftover_flavours, ElementsAre("debug"));
  EXPECT_FALSE(faulty.init_faults);
  EXPECT_EQ(faulty.points, 3);
}

TEST(InitFaults, NothingIsLoadedAfterAReboot) {
  const auto test = test_of({step_of(LoadStep{"a", {}}), step_of(RebootStep{}), step_of(LoadStep{"b", {}})});
  EXPECT_THAT(summaries(with_failing_allocation(test, 2, 1)), ElementsAre("load a", "reboot", "load b", "unload b"));
}

using Functions = std::vector<std::string>;

// A run in which the allocation that these functions made failed.
FaultRun run(std::uint32_t allocation, const Functions& functions, int error_number = 12,
             TestStatus status = TestStatus::passed) {
  FaultRun run{allocation, {}};
  run.result.status = status;
  run.result.message = status == TestStatus::passed ? "" : "it went wrong";
  run.result.points = run.result.earned = status == TestStatus::passed ? 3 : 0;
  run.result.points = 3;
  run.result.run = {2, "debug", 1};
  CountedLoad load;
  load.failed = true;
  load.error_number = error_number;
  for (const auto& function : functions) {
    StackFrame& frame = load.trace.emplace_back();
    frame.function = function;
    if (function != "a_init") continue;
    frame.module = "a";
    frame.source = {{"kzalloc", "include/linux/slab.h", 700, ""}, {"a_init", "src/a.c", 12, "\tp = kzalloc(8, GFP);"}};
  }
  run.result.counted_loads = {load};
  return run;
}

const Functions in_init = {"kmalloc_trace", "a_init", "do_one_initcall", "do_init_module"};
const Functions in_loader = {"kmalloc_trace", "mod_sysfs_setup", "load_module"};
const Functions of_kmemleak = {"kmem_cache_alloc", "create_object", "kmalloc_trace", "a_init", "do_one_initcall"};

TEST(InitFaults, TheWalkGoesBackFromTheLastAllocation) {
  EXPECT_THAT(next_allocations(40, {}, 4), ElementsAre(37, 38, 39, 40));
  std::vector<FaultRun> tried = {run(37, in_init), run(38, in_init), run(39, in_loader, 0), run(40, {})};
  EXPECT_THAT(next_allocations(40, tried, 4), ElementsAre(33, 34, 35, 36));
  EXPECT_THAT(next_allocations(0, {}, 4), IsEmpty());
  EXPECT_THAT(next_allocations(3, {}, 4), ElementsAre(1, 2, 3));
}

TEST(InitFaults, TheWalkEndsBeforeInit) {
  EXPECT_THAT(next_allocations(40, {run(39, in_loader), run(40, in_init)}, 4), IsEmpty());
  EXPECT_THAT(next_allocations(40, {run(40, in_init, 12, TestStatus::infrastructure_error)}, 4), IsEmpty());
  EXPECT_THAT(next_allocations(2, {run(1, in_init), run(2, in_init)}, 4), IsEmpty());
  std::vector<FaultRun> many;
  for (std::uint32_t i = 0; i < most_faults; ++i)
    many.push_back(run(800 + i, in_init));
  EXPECT_THAT(next_allocations(1000, many, 4), IsEmpty());
  const InitFaults faults = init_faults("a", many);
  EXPECT_TRUE(faults.cut);
  EXPECT_EQ(faults.named, most_faults);
}

// "number of: place", and the message where there is one.
std::vector<std::string> told(const InitFaults& faults) {
  std::vector<std::string> lines;
  for (const TestResult& result : faults.runs) {
    const FailedAllocation& failed = result.run.failed_allocation.value();
    lines.push_back(std::to_string(failed.number) + " of " + std::to_string(failed.of) + " " +
                    std::string(status_name(result.status)));
  }
  return lines;
}

TEST(InitFaults, AreNumberedAsInitMakesThem) {
  const auto faults =
      init_faults("a", {run(20, in_init), run(21, of_kmemleak), run(22, in_init, 12, TestStatus::crashed),
                        run(23, in_loader, 0, TestStatus::crashed), run(17, in_loader), run(18, {}), run(19, in_init)});
  EXPECT_THAT(told(faults), ElementsAre("1 of 3 passed", "2 of 3 passed", "3 of 3 crashed"));
  EXPECT_EQ(faults.runs.back().message,
            "with allocation 3 of 3 of a's init failing (kzalloc at a.c:12: `p = kzalloc(8, GFP);`): it went wrong");
  EXPECT_EQ(faults.runs.front().message, "");
  EXPECT_FALSE(faults.cut);
}

TEST(InitFaults, WhatTheKernelDoesNotNameCountsWhereItShowsAMistake) {
  const auto faults = init_faults("a", {run(17, in_loader), run(18, {}, 12, TestStatus::crashed), run(19, in_init)});
  EXPECT_THAT(told(faults), ElementsAre("0 of 1 crashed", "1 of 1 passed"));
  EXPECT_EQ(faults.runs.front().message, "with an allocation failing that the kernel makes in a's init: it went wrong");
  // What the loader allocates is not the module's affair.
  EXPECT_THAT(told(init_faults("a", {run(16, {}, 12, TestStatus::crashed), run(17, in_loader), run(18, in_init)})),
              ElementsAre("1 of 1 passed"));
}

TEST(InitFaults, WhatFailsBeforeAnAllocationCouldIsToldOnce) {
  FaultRun early = run(40, {}, 0, TestStatus::failed);
  early.result.counted_loads.clear();
  EXPECT_THAT(next_allocations(40, {early}, 4), IsEmpty());
  const auto faults = init_faults("a", {early});
  EXPECT_THAT(told(faults), ElementsAre("0 of 0 failed"));
  EXPECT_EQ(faults.runs.front().message, "done again, before an allocation of a's init failed: it went wrong");
}

TestResult passing() {
  TestResult result;
  result.status = TestStatus::passed;
  result.points = result.earned = 3;
  result.run = {1, "debug", 1};
  result.runs = {{{1, "debug", 1}, TestStatus::passed, "", "", {}}, {{2, "debug", 1}, TestStatus::passed, "", "", {}}};
  return result;
}

TEST(InitFaults, ATestPassesIfAllItsRunsDo) {
  const auto result = with_init_faults(
      passing(), {init_faults("a", {run(1, in_loader), run(2, in_init), run(3, in_init)}), init_faults("b", {})});
  EXPECT_EQ(result.status, TestStatus::passed);
  EXPECT_EQ(result.earned, 3);
  EXPECT_EQ(result.runs.size(), 4U);
  EXPECT_EQ(result.note, "passed 2 runs with a failing allocation; b's init allocates nothing that could fail");
}

// Of an allocation without a trace, as with __GFP_NOWARN, nobody knows whether it is init's.
TEST(InitFaults, WhatTheKernelDoesNotNameIsNotNothing) {
  const auto note = [](std::vector<FaultRun> runs) {
    return with_init_faults(passing(), {init_faults("a", std::move(runs))}).note;
  };
  EXPECT_EQ(note({run(1, in_loader), run(2, {})}),
            "the kernel does not say whether a's init made an allocation that failed too");
  EXPECT_EQ(note({run(1, in_loader), run(2, {}), run(3, {}, 0)}),
            "the kernel does not say whether a's init made 2 allocations that failed too");
  EXPECT_EQ(note({run(1, {}), run(2, in_loader)}), "a's init allocates nothing that could fail");
  EXPECT_EQ(note({run(1, in_loader), run(2, {}), run(3, in_init)}), "passed 1 run with a failing allocation");
}

TEST(InitFaults, TheFirstThatWentWrongIsShown) {
  const auto result = with_init_faults(
      passing(), {init_faults("a", {run(1, in_loader), run(2, in_init), run(3, in_init, 12, TestStatus::failed),
                                    run(4, in_init, 12, TestStatus::crashed)})});
  EXPECT_EQ(result.status, TestStatus::failed);
  EXPECT_EQ(result.earned, 0);
  EXPECT_EQ(result.run.failed_allocation->number, 2);
  EXPECT_EQ(result.note, "failed 2 of 3 runs with a failing allocation");
  EXPECT_TRUE(result.message.starts_with("with allocation 2 of 3 of a's init failing")) << result.message;
}

TEST(InitFaults, ARunThatCouldNotBeJudgedIsNobodysVerdict) {
  const auto result =
      with_init_faults(passing(), {init_faults("a", {run(3, in_init, 12, TestStatus::crashed),
                                                     run(4, in_init, 12, TestStatus::infrastructure_error)})});
  EXPECT_EQ(result.status, TestStatus::infrastructure_error);
  EXPECT_EQ(result.message, "it went wrong");
}

TEST(InitFaults, AreReadFromTheEvidence) {
  auto test = counting_allocations(test_of({step_of(LoadStep{"a", {}})}));
  Evidence evidence;
  evidence.steps.emplace_back().ending = Ending::completed;
  evidence.steps[0].allocations_left = LoadStep::count_allocations - 42;
  ASSERT_EQ(counted_loads(test, evidence).size(), 1U);
  EXPECT_EQ(counted_loads(test, evidence)[0].allocations, 42U);

  test = with_failing_allocation(test, 0, 7);
  evidence.steps[0].allocations_left = 2;  // it made 5
  EXPECT_FALSE(counted_loads(test, evidence)[0].failed);
  evidence.steps[0].allocations_left = 0;
  EXPECT_TRUE(counted_loads(test, evidence)[0].failed);
  evidence.steps[0].allocations_left.reset();
  evidence.steps[0].ending = Ending::killed;
  EXPECT_TRUE(counted_loads(test, evidence)[0].failed);
}

TEST(InitFaults, ThatAnAllocationFailedIsNoFinding) {
  const auto test = with_failing_allocation(test_of({step_of(LoadStep{"a", {}})}), 0, 7);
  Evidence evidence;
  evidence.steps.emplace_back().ending = Ending::completed;
  evidence.steps[0].log_begin = 5;
  evidence.steps[0].log_end = 20;
  std::vector<KernelReport> reports(3);
  reports[0].kind = reports[1].kind = "page-alloc-failure";
  reports[2].kind = "warning";
  reports[0].log_begin = reports[2].log_begin = 6;
  reports[1].log_begin = 20;
  drop_injected(reports, test, evidence);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].log_begin, 20U);
  EXPECT_EQ(reports[1].kind, "warning");
}

}  // namespace
}  // namespace labctl
