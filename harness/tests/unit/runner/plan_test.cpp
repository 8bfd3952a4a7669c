#include "runner/plan.hpp"

#include <gmock/gmock.h>

#include <set>

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Test test_named(const std::string& name, std::vector<std::string> flavours, std::vector<int> cpus, int runs) {
  Test test;
  test.name = name;
  test.flavours = std::move(flavours);
  test.cpus = std::move(cpus);
  test.runs = runs;
  Step step;
  step.action = LoadStep{"small", {}, 0};
  test.steps = {step};
  return test;
}

Lab lab_of(std::vector<Test> tests) {
  Lab lab;
  lab.id = "lab";
  lab.tests = std::move(tests);
  return lab;
}

// "0: 1 release 2": the test's place, the run's number, flavour and CPUs.
std::vector<std::string> planned(const Lab& lab, const std::string& flavour = "", int number = 0) {
  std::vector<std::string> lines;
  const auto plan = plan_runs(lab, flavour, number);
  if (!plan) return {plan.error().message + " (" + plan.error().hint + ")"};
  for (const auto& [test, run] : *plan)
    lines.push_back(std::to_string(test) + ": " + std::to_string(run.number) + " " + run.flavour + " " +
                    std::to_string(run.cpus));
  return lines;
}

TEST(Plan, HasEachCombinationAsOftenAsAsked) {
  const Lab lab = lab_of({test_named("a", {"release", "debug"}, {1, 4}, 2), test_named("b", {}, {2}, 1)});
  EXPECT_THAT(planned(lab),
              ElementsAre("0: 1 release 1", "0: 2 release 1", "0: 3 release 4", "0: 4 release 4", "0: 5 debug 1",
                          "0: 6 debug 1", "0: 7 debug 4", "0: 8 debug 4", "1: 1 release 2"));
}

TEST(Plan, TheUsersFlavourIsTheOnlyOne) {
  const Lab lab = lab_of({test_named("a", {"release", "debug"}, {1}, 1), test_named("b", {"release"}, {1}, 1),
                          test_named("c", {}, {1}, 1)});
  EXPECT_THAT(planned(lab, "debug"), ElementsAre("0: 1 debug 1", "1: 1 debug 1", "2: 1 debug 1"));
  EXPECT_THAT(flavours_of(*plan_runs(lab, "", 0)), ElementsAre("release", "debug"));
}

TEST(Plan, MemoryIsLookedForInDebugWhereLeftoversCount) {
  labctl::Test asks = test_named("a", {"release", "debug"}, {1}, 1);
  const auto looks = [&asks] {
    std::vector<bool> all;
    for (const auto& planned : *plan_runs(lab_of({asks}), "", 0))
      all.push_back(planned.run.kmemleak);
    return all;
  };
  EXPECT_THAT(looks(), ElementsAre(false, false));
  asks.kmemleak = true;
  EXPECT_THAT(looks(), ElementsAre(false, true));
  asks.leftover_flavours = {"release"};
  EXPECT_THAT(looks(), ElementsAre(false, false));
  asks.leftover_flavours = {"release", "debug"};
  asks.reports.push_back({{"oops-null"}, "", "", false, {}});
  EXPECT_THAT(looks(), ElementsAre(false, false)) << "a kernel that has reported a fault may keep what it concerns";
}

TEST(Plan, WhatOnlyDebugReportsIsDoneInDebug) {
  labctl::Test test = test_named("a", {}, {1}, 1);
  test.reports.push_back({{"kasan-use-after-free"}, "", "", false, {}});
  EXPECT_THAT(planned(lab_of({test})), ElementsAre("0: 1 debug 1"));
  EXPECT_THAT(planned(lab_of({test}), "release"), ElementsAre("0: 1 debug 1"));
  test.reports[0].kinds = {"kasan-null-ptr-deref", "oops-null"};
  EXPECT_THAT(planned(lab_of({test}), "release"), ElementsAre("0: 1 release 1")) << "one of them comes in release too";
  test.reports[0] = {{"kasan"}, "", "", true, {}};
  EXPECT_THAT(planned(lab_of({test}), "release"), ElementsAre("0: 1 release 1")) << "it need not come";
}

TEST(Plan, OneRunAloneKeepsItsNumber) {
  const Lab lab = lab_of({test_named("a", {"release"}, {1, 2}, 5)});
  EXPECT_THAT(planned(lab, "", 7), ElementsAre("0: 7 release 2"));
  EXPECT_THAT(planned(lab, "", 11), ElementsAre("test \"a\" has no run 11 (its runs are 1 to 10)"));
  EXPECT_THAT(planned(lab_of({test_named("a", {}, {1}, 1)}), "", 2),
              ElementsAre("test \"a\" has no run 2 (it is done once)"));
}

TEST(Plan, BuildsAreJudgedOnceInEachFlavour) {
  labctl::Test test = test_named("a", {"release", "debug"}, {1, 2}, 9);
  BuildStep build;
  build.module = "small";
  test.steps[0].action = build;
  EXPECT_THAT(planned(lab_of({test})), ElementsAre("0: 1 release 0", "0: 2 debug 0"));
}

TEST(Plan, EachRunOfEachTestHasASeedOfItsOwn) {
  const Lab lab = lab_of({test_named("a", {}, {1}, 1), test_named("b", {}, {1}, 1)});
  std::set<std::string> seeds;
  for (const labctl::Test& test : lab.tests)
    for (int run = 1; run <= 50; ++run)
      seeds.insert(seed_of("s", lab, test, run));
  seeds.insert(seed_of("t", lab, lab.tests[0], 1));
  EXPECT_EQ(seeds.size(), 101U);
  EXPECT_EQ(seed_of("s", lab, lab.tests[1], 7), seed_of("s", lab_of({lab.tests[1]}), lab.tests[1], 7))
      << "the same alone";
}

// Runs of a test, of which those with these numbers fail.
std::vector<TestRunResult> runs_of(const Test& test, const std::set<int>& failing) {
  std::vector<TestRunResult> runs;
  const auto plan = plan_runs(lab_of({test}), "", 0);
  for (const auto& planned : *plan)
    runs.push_back({planned.run, failing.contains(planned.run.number) ? TestStatus::crashed : TestStatus::passed, "",
                    "", std::chrono::milliseconds(5)});
  return runs;
}

// The note where the first run that failed is shown.
std::string first_note(const std::vector<TestRunResult>& runs) {
  for (const auto& result : runs)
    if (result.status != TestStatus::passed) return note_of(runs, result.run);
  return note_of(runs, {});
}

TEST(Note, NamesOnlyWhatVaries) {
  const labctl::Test once = test_named("a", {"debug"}, {2}, 1);
  const labctl::Test often = test_named("a", {"debug"}, {2}, 50);
  const labctl::Test cpus = test_named("a", {"debug"}, {1, 2, 4}, 1);
  const labctl::Test cpus_often = test_named("a", {}, {1, 2}, 25);
  const labctl::Test flavours = test_named("a", {"release", "debug"}, {2}, 1);
  const labctl::Test both = test_named("a", {"release", "debug"}, {1, 2}, 10);
  EXPECT_EQ(first_note(runs_of(once, {1})), "");
  EXPECT_EQ(first_note(runs_of(often, {})), "");
  EXPECT_EQ(first_note(runs_of(often, {7})), "failed 1 of 50 runs; run 7 is shown");
  EXPECT_EQ(first_note(runs_of(often, {7, 8, 50})), "failed 3 of 50 runs; run 7 is shown");
  EXPECT_EQ(first_note(runs_of(cpus, {2})), "failed 1 of 3 runs (with 2 CPUs); run 2 is shown");
  EXPECT_EQ(first_note(runs_of(cpus, {1, 3})),
            "failed 2 of 3 runs (with 1 CPU, with 4 CPUs); run 1, with 1 CPU, is shown");
  EXPECT_EQ(first_note(runs_of(cpus, {1, 2, 3})), "failed all 3 runs; run 1, with 1 CPU, is shown");
  EXPECT_EQ(first_note(runs_of(cpus_often, {32, 33, 50})),
            "failed 3 of 50 runs (3 of 25 with 2 CPUs); run 32 is shown");
  EXPECT_EQ(first_note(runs_of(cpus_often, {4, 32})),
            "failed 2 of 50 runs (1 of 25 with 1 CPU, 1 of 25 with 2 CPUs); run 4, with 1 CPU, is shown");
  EXPECT_EQ(first_note(runs_of(flavours, {2})), "failed 1 of 2 runs (in debug); run 2 is shown");
  EXPECT_EQ(first_note(runs_of(flavours, {1, 2})), "failed both runs; run 1, in release, is shown");
  EXPECT_EQ(first_note(runs_of(both, {31, 40})), "failed 2 of 40 runs (2 of 10 in debug with 2 CPUs); run 31 is shown");
}

TEST(Note, IsShortWhereMuchFails) {
  EXPECT_EQ(first_note(runs_of(test_named("a", {}, {1, 2, 3, 4, 5, 6, 7, 8}, 1), {2, 3, 4, 5, 6, 7, 8})),
            "failed 7 of 8 runs (with 2 CPUs, with 3 CPUs, with 4 CPUs, with 5 CPUs, with 6 CPUs, and 2 more); run 2, "
            "with 2 CPUs, is shown");
}

std::vector<TestResult> results(const std::vector<TestStatus>& statuses) {
  std::vector<TestResult> runs;
  for (const TestStatus status : statuses) {
    TestResult result;
    result.status = status;
    result.run = {static_cast<int>(runs.size()) + 1, "release", 1};
    result.took = std::chrono::milliseconds(10);
    runs.push_back(result);
  }
  return runs;
}

TEST(Together, TheFirstThatFailedIsShown) {
  const auto passed = TestStatus::passed;
  const auto result = together(results({passed, TestStatus::timeout, passed, TestStatus::crashed}));
  EXPECT_EQ(result.status, TestStatus::timeout);
  EXPECT_EQ(result.run.number, 2);
  EXPECT_EQ(result.note, "failed 2 of 4 runs; run 2 is shown");
  EXPECT_EQ(result.took, std::chrono::milliseconds(40));
  ASSERT_EQ(result.runs.size(), 4U);
  EXPECT_EQ(result.runs[3].status, TestStatus::crashed);
  EXPECT_EQ(together(results({passed, passed})).status, passed);
  EXPECT_EQ(together(results({passed, passed})).run.number, 1);
  EXPECT_THAT(together(results({passed, passed})).note, IsEmpty());
  auto noted = results({passed, passed, TestStatus::failed});
  noted[0].note = noted[1].note = "not looked at";
  EXPECT_EQ(together(noted).note, "failed 1 of 3 runs; run 3 is shown; not looked at");
}

TEST(Together, OfThoseThatFailedTheFirstThatEarnedLeastIsShown) {
  const auto failed = TestStatus::failed;
  auto runs = results({TestStatus::passed, failed, failed, failed});
  runs[0].earned = 5;
  runs[1].earned = 3;
  runs[2].earned = 1;
  runs[3].earned = 1;
  const auto result = together(runs);
  EXPECT_EQ(result.run.number, 3);
  EXPECT_EQ(result.earned, 1);
  EXPECT_EQ(result.note, "failed 3 of 4 runs; run 3 is shown");
}

TEST(Together, WhatCouldNotBeJudgedIsNoFailure) {
  const auto result = together(
      results({TestStatus::not_run, TestStatus::failed, TestStatus::infrastructure_error, TestStatus::not_run}));
  EXPECT_EQ(result.status, TestStatus::infrastructure_error);
  EXPECT_EQ(result.run.number, 3);
  EXPECT_THAT(result.note, IsEmpty());
}

}  // namespace
}  // namespace labctl
