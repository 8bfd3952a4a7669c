// Kernel log → the allocation that the kernel was told to fail. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "model/kernel_report.hpp"
#include "model/observation.hpp"

namespace labctl {

// The stack trace of the first such allocation in log[begin, end), innermost frame first (fail_dump() in the kernel's
// lib/fault-inject.c). Nothing where the log has none: of allocations with __GFP_NOWARN newer kernels say nothing.
// Empty where the trace was cut before it came to an init function, so that nobody knows whether it would have.
std::optional<std::vector<StackFrame>> find_injected_failure(const std::vector<KmsgRecord>& log, std::size_t begin,
                                                             std::size_t end);

}  // namespace labctl
