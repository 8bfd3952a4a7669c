// Machines of labctl on a host whose process is not this one.
#pragma once

#include <string>
#include <vector>

#include "connection.hpp"
#include "undertaker.hpp"

namespace labctl {

// Ends those whose process has ended. They are known by labctl's own metadata, never by their name. What is not known
// to be left behind stays; those of other machines and containers are named.
Result<std::vector<std::string>> end_stale_machines(Connection& connection, Undertaker& undertaker);

}  // namespace labctl
