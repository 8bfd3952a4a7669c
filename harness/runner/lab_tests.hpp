// The runs of a lab's tests, several machines at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "build_stage.hpp"
#include "machines.hpp"
#include "runner/plan.hpp"

namespace labctl {

// A test that was not done, for a reason that is told.
TestResult not_judged(const Test& test, TestStatus status, const std::string& why);

// A test that needs another one says nothing where that one did not pass. results: of the lab's tests, in their order.
void withdraw_what_says_nothing(const Lab& lab, std::vector<TestResult>& results);

// A result for each test, in the spec's order whatever the order in which the runs end. build: fills the benches; it is
// called once, while the first machines come up. An error is build's, or Fault::interrupted. machines: with every kind
// that the plan needs; may be null where it needs none.
Result<std::vector<TestResult>> run_tests(const Lab& lab, const std::vector<PlannedRun>& plan, const Benches& benches,
                                          Machines* machines, const RunOptions& options, StopToken stop,
                                          const std::filesystem::path& folder, const std::function<Status()>& build);

}  // namespace labctl
