// The runs of a lab's tests, several machines at a time.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "build_stage.hpp"
#include "machines.hpp"
#include "runner/plan.hpp"

namespace labctl {

using Benches = std::map<std::string, Bench>;  // by flavour

// A test that was not done, for a reason that is told.
TestResult not_judged(const Test& test, TestStatus status, const std::string& why);

// A result for each test, in the spec's order whatever the order in which the runs end. machines: with every kind that
// the plan needs on a bench where all modules built; may be null where it needs none. The only error is
// Fault::interrupted.
Result<std::vector<TestResult>> run_tests(const Lab& lab, const std::vector<PlannedRun>& plan, const Benches& benches,
                                          Machines* machines, const RunOptions& options, StopToken stop,
                                          const std::filesystem::path& folder);

}  // namespace labctl
