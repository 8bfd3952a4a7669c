// Memory that modules never freed. Inside runner/ only.
#pragma once

#include <chrono>

#include "guest/session.hpp"
#include "model/observation.hpp"
#include "support/limits.hpp"
#include "support/result.hpp"

namespace labctl {

// With no module loaded, in a machine whose kernel runs kmemleak: puts what it finds into the evidence, or into its
// notes why nothing can be said. last: when modules can have allocated for the last time, on the guest's clock; it
// takes until 5 s after that. Endings and errors as for Session::perform().
Result<Ending> find_leaks(Session& session, std::chrono::microseconds last, const Limits& limits, Evidence& evidence);

}  // namespace labctl
