// Why the kernel did not load a module. Inside check/ only.
#pragma once

#include <string>

#include "model/observation.hpp"

namespace labctl {

// Why a load failed, in one line: what the kernel log says, which is the kernel's own reason, otherwise the last
// complaint (warning or worse) made meanwhile, by the module's init function; and what the module's file says of it.
// Where neither is known, what the errno means for a load, if the bare name would mislead a beginner; else empty.
std::string load_reason(const Observation& observation, const Evidence& evidence);

}  // namespace labctl
