// How a step that did not complete is described. Inside check/ only.
#pragma once

#include <chrono>
#include <string>

#include "model/lab.hpp"
#include "model/observation.hpp"
#include "model/result.hpp"

namespace labctl {

// "did not end within 10.00 s": what happened to the step, after its name. ending is not `completed`.
std::string ending_text(const Step& step, const Observation& observation);

// That it ended as its `ends` says, which is not `completes`.
CheckResult check_end(const Step& step, const Observation& observation);

// "signal 9 (SIGKILL)", of x86-64.
std::string signal_text(int number);

// How long the step's action may take.
std::chrono::milliseconds limit_of(const Step& step);

}  // namespace labctl
