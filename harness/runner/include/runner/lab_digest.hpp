// What of a lab a verdict depends on.
#pragma once

#include <string>

#include "model/lab.hpp"
#include "runner/lab_runner.hpp"
#include "support/result.hpp"

namespace labctl {

enum class SpecItself { included, left_out };

// A digest of the lab's folder, without what is for people (the hand-out, the starter) and the mutants, and of the
// sources of its helper modules. What modules in source trees are made of is not in it.
Result<std::string> lab_digest(const Lab& lab, const ModuleFinder& find_module, SpecItself spec = SpecItself::included);

}  // namespace labctl
