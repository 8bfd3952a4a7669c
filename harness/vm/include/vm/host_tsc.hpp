// The host's time stamp counter.
#pragma once

#include "support/cache.hpp"

namespace labctl {

// How fast it counts, in kHz, exact to the MHz: so it is the same number in each run. It is measured once in each boot
// of the host, in 20 ms, and remembered in the cache. 0: it does not count evenly, or the host is no x86.
int host_tsc_khz(const Cache& cache);

}  // namespace labctl
