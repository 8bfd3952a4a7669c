// KVM can be present and not work: /dev/kvm opens, a virtual machine is created, and the guest hangs. The only honest
// probe boots a kernel with a deadline. Its answer is remembered for a host until QEMU, the host's kernel or the device
// changes.
#pragma once

#include <functional>
#include <string>

#include "support/cache.hpp"
#include "support/result.hpp"
#include "vm/machine.hpp"
#include "vm/machine_host.hpp"

namespace labctl {

enum class AcceleratorMode { automatic, kvm, tcg };

struct AcceleratorChoice {
  Accelerator accelerator = Accelerator::tcg;
  std::string reason;   // one line: "KVM booted a kernel in 0.31 s", "/dev/kvm: permission denied"
  bool probed = false;  // a kernel was booted just now to find out
};

// boots: starts a machine with that accelerator and waits for the agent, within Limits::kvm_probe.
// With mode kvm an unusable KVM is an error (Fault::harness); with automatic it means TCG.
Result<AcceleratorChoice> choose_accelerator(AcceleratorMode mode, const Cache& cache, const MachineHost& host,
                                             const std::function<Status(Accelerator)>& boots);

}  // namespace labctl
