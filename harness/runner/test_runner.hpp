// One test in one fresh machine: boot or restore, act, observe, judge.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "guest/session.hpp"
#include "model/lab.hpp"
#include "model/result.hpp"
#include "support/limits.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"
#include "vm/machine.hpp"

namespace labctl {

struct TestMachine {
  MachineDriver& driver;
  MachineSpec spec;
  const std::vector<GuestFile>& files;  // that the test's modules are loaded from
  std::string seed;                     // for the guest's random pool
  // Told when spec.snapshot does not restore; the test boots its machine then.
  std::function<void(const Error&)> on_bad_snapshot;
};

// spec.folder receives console.log, kernel.log and qemu.args. The only error is Fault::interrupted: what the harness
// did wrong is the result's status.
Result<TestResult> run_test(const Test& test, const TestMachine& machine, const Limits& limits, StopToken stop);

}  // namespace labctl
