// A crash in a release kernel, done again in a debug one, which says more of it.
#pragma once

#include <vector>

#include "lab_tester.hpp"

namespace labctl {

// The runs, in debug, of those tests that crashed or hung in release. Of a test that is done in debug anyway there is
// none. results: of the lab's tests, in their order.
std::vector<PlannedRun> debug_reruns(const Lab& lab, const std::vector<TestResult>& results);

// Fills in TestResult::in_debug. Never builds a kernel: where none is built, in_debug says how. What goes wrong here
// is said there too, and leaves the verdicts as they are; an error is only Fault::interrupted.
Status rerun_in_debug(const Lab& lab, const RunOptions& options, const RunnerParts& parts, const LabTester& test,
                      LabResult& result);

}  // namespace labctl
