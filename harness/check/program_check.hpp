// Judges a run of a program. Inside check/ only.
#pragma once

#include <vector>

#include "model/lab.hpp"
#include "model/observation.hpp"
#include "model/result.hpp"

namespace labctl {

// run: the action of `step`, which was completed.
std::vector<CheckResult> check_program(const Step& step, const RunStep& run, const Observation& seen);

}  // namespace labctl
