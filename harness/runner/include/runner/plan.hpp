// How often, on which kernels and in which machines a lab's tests are done, and what their runs say together. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/lab.hpp"
#include "model/result.hpp"
#include "support/result.hpp"

namespace labctl {

struct PlannedRun {
  std::size_t test = 0;  // its place in Lab::tests
  TestRun run;
};

// Whether a test asks of the modules' builds only: then there need be no machine, nor a module that builds. It is done
// once in each flavour.
bool needs_no_machine(const Test& test);

// Whether its modules must leave nothing behind in this flavour. A kernel that has reported a fault, as the test
// expects, may keep what the fault concerns.
bool must_leave_nothing(const Test& test, const std::string& flavour);

// The runs of every test, in the spec's order, and of one test in the order of their numbers. flavour: instead of what
// the lab says, unless it is empty. number: only the run of this number, unless it is 0; Fault::usage where a test has
// none such.
Result<std::vector<PlannedRun>> plan_runs(const Lab& lab, const std::string& flavour, int number);

// The flavours of the runs, in the order in which they come.
std::vector<std::string> flavours_of(const std::vector<PlannedRun>& plan);

// 64 bytes, other ones for each test and each of its runs. By the test's name, so that a spec that grows leaves the
// others alone.
std::string seed_of(const std::string& run_seed, const Lab& lab, const Test& test, int run);

// A test's result from those of its runs, of which there is at least one, in the order of their numbers: the first of
// those that earned least and did not pass. One that is not_run was given up because another one could not be judged.
TestResult together(std::vector<TestResult> runs);

// "failed 3 of 50 runs (3 of 25 with 2 CPUs); run 32 is shown"; "" where none failed, or there is one only. What all
// runs have in common is not said. shown: the run that the report tells of, which failed.
std::string note_of(const std::vector<TestRunResult>& runs, const TestRun& shown);

}  // namespace labctl
