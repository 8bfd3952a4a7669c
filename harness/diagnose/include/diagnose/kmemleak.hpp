// /sys/kernel/debug/kmemleak → the objects that modules which are gone have allocated. Pure.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "model/observation.hpp"

namespace labctl {

// What the file says (Documentation/dev-tools/kmemleak.rst), read at `now` on the guest's clock while no module was
// loaded. What the kernel itself allocated, for a reason of its own, is left out.
std::vector<LeakedObject> leaked_objects(std::string_view file, std::chrono::microseconds now);

}  // namespace labctl
