// The agent's replies (rootfs/agent/protocol.h) as observations. Pure. Inside guest/ only.
#pragma once

#include "guest/frame.hpp"
#include "model/lab.hpp"
#include "model/observation.hpp"

namespace labctl {

// How an action ended that the agent has answered.
Ending ending_in(const Fields& reply);

// What the reply to a request for this action says.
void fill(Observation& seen, const Action& action, const Fields& reply);

// Where the guest is, of an answer to LOOK and of the reply of an action that was ended at its limit.
Hang hang_in(const Fields& reply);

}  // namespace labctl
