// What a lab needs of its kernel's configuration: by itself, and for its devices.
#pragma once

#include <string>
#include <vector>

#include "model/lab.hpp"

namespace labctl {

// As in model/kernel_option.hpp.
std::vector<std::string> options_needed(const Lab& lab);

}  // namespace labctl
