// What `labctl doctor --connect` finds out about a libvirt host.
#pragma once

#include <optional>
#include <vector>

#include "context.hpp"
#include "host_finding.hpp"
#include "kernel/kernel.hpp"
#include "runner/lab_runner.hpp"

namespace labctl {

// Connects, asks the host what it can do, and boots kernel on it, if there is one. uri: empty for libvirt's default.
std::vector<HostFinding> examine_libvirt_host(const std::string& uri, const std::optional<Kernel>& kernel,
                                              const RunnerParts& parts);

}  // namespace labctl
