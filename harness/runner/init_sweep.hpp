// The second stage of tests with `faults: init`: what they do when an allocation of an init function fails.
#pragma once

#include "lab_tester.hpp"

namespace labctl {

// Does the tests that ask for it, and have passed, again for each allocation of their modules' init functions, and
// makes one result of all. An error is Fault::interrupted; what else goes wrong here is the test's status.
Status sweep_inits(const Lab& lab, const RunOptions& options, const RunnerParts& parts, const LabTester& test,
                   LabResult& result);

}  // namespace labctl
