// Where machines are run: this machine, or a host that libvirt manages.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "support/limits.hpp"
#include "vm/machine.hpp"
#include "vm/qemu.hpp"

namespace labctl {

class MachineHost {
 public:
  virtual ~MachineHost() = default;

  // Must not outlive the host.
  virtual std::unique_ptr<MachineDriver> make_driver(const Limits& limits) = 0;

  // Why KVM cannot even be tried there; empty when it can.
  virtual std::string kvm_obstacle() const = 0;
  // Another text whenever the answer to "does KVM boot a kernel there" may be another.
  virtual std::string kvm_stamp() const = 0;

  // All that a machine that is saved there depends on, and the content of its files is not part of. Nothing where
  // machines are not saved: each is booted.
  virtual std::optional<std::string> snapshot_dependencies(const MachineSpec& spec) const = 0;

  // How many machines of that memory can run at once: as many as it has cores and free memory for, at least one.
  virtual std::size_t machines_at_once(int memory_mib) const = 0;
};

// This machine, with QEMU started directly. kvm_device: "/dev/kvm".
std::unique_ptr<MachineHost> make_local_host(QemuProgram qemu, std::filesystem::path kvm_device);

}  // namespace labctl
