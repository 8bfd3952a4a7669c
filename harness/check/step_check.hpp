// How a step that did not complete is described. Inside check/ only.
#pragma once

#include <string>

#include "model/lab.hpp"
#include "model/observation.hpp"

namespace labctl {

// "did not end within 10.00 s": what happened to the step, after its name. ending is not `completed`.
std::string ending_text(const Step& step, const Observation& observation);

}  // namespace labctl
