// QEMU on this host, started directly: microvm where this QEMU has it and no device needs PCI, else pc.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/cache.hpp"
#include "support/stop.hpp"
#include "vm/machine.hpp"

namespace labctl {

struct QemuProgram {
  std::filesystem::path program;
  std::string version;   // "7.2.22"
  bool microvm = false;  // whether it has that machine type
  std::string stamp;     // changes when the program's file does
  int tsc_khz = 0;       // how fast the host's time stamp counter counts, and so an emulated CPU's; 0: not known
};

// Finds qemu-system-x86_64 and asks it what it can do; remembered in the cache until the program changes.
// Errors: not installed (with the package's name), does not run.
Result<QemuProgram> find_qemu(const Cache& cache, StopToken stop);

// Numbers under which QEMU inherits the sockets for the agent, the console and QMP.
struct QemuSockets {
  static constexpr int agent = 900;
  static constexpr int console = 901;
  static constexpr int monitor = 902;
};

// Pure: QEMU's whole command line, argv[0] included.
std::vector<std::string> qemu_arguments(const QemuProgram& qemu, const MachineSpec& spec);

// Pure but for the host's CPU under KVM: all that a snapshot depends on and the files' own content is not part of.
std::string snapshot_dependencies(const QemuProgram& qemu, const MachineSpec& spec);

std::unique_ptr<MachineDriver> make_qemu_driver(QemuProgram qemu, Limits limits);

}  // namespace labctl
