// One test in one fresh machine: boot or restore, act, observe, judge.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "guest/session.hpp"
#include "kernel/kernel.hpp"
#include "model/lab.hpp"
#include "model/result.hpp"
#include "support/limits.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"
#include "vm/machine.hpp"

namespace labctl {

class Guest;

struct TestMachine {
  MachineDriver& driver;
  MachineSpec spec;
  const std::vector<GuestFile>& files;     // that the test's modules are loaded from, once they are built
  const std::vector<BuildResult>& builds;  // of the lab's modules
  const Kernel& kernel;
  bool kmemleak;                  // whether its kernel runs it
  std::string seed;               // for the test's values and the guest's random pool
  std::filesystem::path scratch;  // for what goes with the test: its disk
  // Told when spec.snapshot does not restore; the test boots its machine then.
  std::function<void(const Error&)> on_bad_snapshot;
};

// Of a test that needs_no_machine().
TestResult judge_builds(const Test& test, const std::vector<BuildResult>& builds);

// guest: what Guest::start() gave for the machine. spec.folder receives console.log, kernel.log and qemu.args; boot-2/
// in it the console.log and qemu.args of a second boot, and so on. The only error is Fault::interrupted: what the
// harness did wrong is the result's status.
Result<TestResult> run_test(const Test& test, const TestMachine& machine, Result<Guest> guest, const Limits& limits,
                            StopToken stop);

}  // namespace labctl
