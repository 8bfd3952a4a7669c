// Why the kernel refused a module, by the module's file. Inside runner/ only.
#pragma once

#include <string>
#include <vector>

#include "kernel/kernel.hpp"
#include "model/build_result.hpp"
#include "model/observation.hpp"

namespace labctl {

// One line for the load of `module` that ended as seen; empty where its file does not explain that. Only what agrees
// with the errno, and with the kernel log where the kernel says something of it, is an explanation.
std::string load_refusal(const Kernel& kernel, const std::vector<BuildResult>& builds, const std::string& module,
                         const Observation& seen, const Evidence& evidence);

}  // namespace labctl
