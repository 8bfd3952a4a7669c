// A resolved step's action as the agent's request (rootfs/agent/protocol.h). Pure. Inside guest/ only.
#pragma once

#include <cstdint>
#include <utility>

#include "guest/frame.hpp"
#include "model/lab.hpp"

namespace labctl {

using AgentRequest = std::pair<std::uint16_t, Fields>;  // its type, and its fields but the limit

// cap: how many bytes of an output are kept. What is the host's own matter becomes a ping, after whose reply the kernel
// log is known up to here.
AgentRequest request_for(const Action& action, std::uint64_t cap);

}  // namespace labctl
