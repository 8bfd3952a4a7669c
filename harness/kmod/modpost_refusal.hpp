// What modpost refuses, said as labctl check-module says it. Inside kmod/ only.
#pragma once

#include <string>

#include "workshop.hpp"

namespace labctl {

// One line on why modpost did not make a module of the object file in the build folder, with paths as in kept messages.
// Empty where nothing is known, as where it was not modpost that refused it.
std::string modpost_refusal(const Workshop& shop, const ModuleSource& source, const std::string& output);

}  // namespace labctl
