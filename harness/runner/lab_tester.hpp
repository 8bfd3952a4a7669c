// How a later stage of a lab's run has tests done.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "runner/lab_runner.hpp"
#include "runner/plan.hpp"

namespace labctl {

// Does a lab's tests by a plan; results in the order of the lab's tests.
using LabTester =
    std::function<Result<std::vector<TestResult>>(const Lab& lab, const std::vector<PlannedRun>& plan,
                                                  const RunOptions& options, const std::filesystem::path& folder)>;

}  // namespace labctl
