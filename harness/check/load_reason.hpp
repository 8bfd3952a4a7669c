// Why the kernel did not load a module. Inside check/ only.
#pragma once

#include <string>
#include <string_view>

#include "model/observation.hpp"

namespace labctl {

// What the kernel log says on a refused load: the kernel's own reason, otherwise the last complaint (warning or worse)
// made meanwhile, which is the module's init function's. Empty when there is neither.
std::string logged_reason(const Observation& observation, const Evidence& evidence);

// What an errno means for a load where the bare name would mislead a beginner; may be empty.
std::string_view load_hint(int number);

}  // namespace labctl
