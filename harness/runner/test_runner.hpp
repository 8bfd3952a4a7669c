// One test in one fresh machine: boot, act, observe, judge.
#pragma once

#include <filesystem>

#include "model/lab.hpp"
#include "model/result.hpp"
#include "support/limits.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"
#include "vm/machine.hpp"

namespace labctl {

// folder receives console.log, kernel.log and qemu.args. The only error is Fault::interrupted: what the harness did
// wrong is the result's status.
Result<TestResult> run_test(const Test& test, MachineDriver& driver, const MachineSpec& machine, const Limits& limits,
                            StopToken stop, const std::filesystem::path& folder);

}  // namespace labctl
