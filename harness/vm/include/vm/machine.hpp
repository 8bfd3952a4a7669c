// A virtual machine, whoever runs it: QEMU started by us (qemu.hpp), or libvirt (virt/).
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/limits.hpp"
#include "support/result.hpp"

namespace labctl {

enum class Accelerator { tcg, kvm };

std::string_view accelerator_name(Accelerator accelerator);

// A machine that was saved: files in a folder that only vm/ reads. What one restores is a private copy.
struct Snapshot {
  enum class Use {
    none,
    save,     // boot with memory that save() can keep; the folder must exist
    restore,  // start from what save() kept; everything but folder must be as it was then
  };
  Use use = Use::none;
  std::filesystem::path folder;
};

struct MachineSpec {
  std::filesystem::path vmlinux;  // stripped ELF, entered through PVH
  std::filesystem::path bzimage;
  // A 5.4 kernel with KASAN triple-faults when entered through PVH, before its shadow memory is set up.
  bool pvh = true;
  std::filesystem::path initramfs;
  int cpus = 1;
  int memory_mib = 128;
  std::vector<std::string> devices;  // names in all_devices()
  int disk_mib = 0;                  // of the disk that the guest sees as /dev/vda; 0: there is none
  std::filesystem::path disk;        // its bytes, from MachineDriver::make_disk()
  std::string command_line;          // added to the kernel's
  Accelerator accelerator = Accelerator::tcg;
  std::filesystem::path folder;  // console.log and qemu.args go here; must exist
  Snapshot snapshot;
};

// What to do when the host's side of a machine failed.
inline constexpr const char* host_failure_hint =
    "labctl doctor checks this machine; qemu.args in the run folder has QEMU's command line";

// Why a machine is no longer running.
struct MachineEnd {
  enum class Cause {
    guest,    // the guest reset, panicked or powered off
    host,     // the virtual machine monitor failed or was killed: never the guest's fault
    flooded,  // stopped by us: the console passed its cap
    stopped,  // stopped by us
  };
  Cause cause = Cause::host;
  std::string detail;  // one line for people
  std::string hint = host_failure_hint;
};

struct HostTime {
  std::chrono::nanoseconds ran{0};     // all its threads together
  std::chrono::nanoseconds waited{0};  // ready to run, for a processor: the thread that waited longest
};

class Machine {
 public:
  virtual ~Machine() = default;  // stops it

  // A stream socket to the agent's port, at end of file once the machine is gone. Owned by the machine.
  virtual int agent_fd() const = 0;
  // The end, if it has come.
  virtual std::optional<MachineEnd> ended() const = 0;
  // Waits for the end; nothing if it does not come in time.
  virtual std::optional<MachineEnd> wait_end(std::chrono::milliseconds limit) = 0;
  // The last part of what ttyS0 said, raw. Complete once ended() is set.
  virtual std::string console_tail(std::size_t max_bytes) const = 0;
  virtual void stop() = 0;
  // Raises a non-maskable interrupt, at which the guest's kernel panics and says where it was: for one that does not
  // answer. Best effort.
  virtual void interrupt() = 0;
  // What it has had of the host's processors since its start. Both are 0 where that is not known.
  virtual HostTime host_time() const { return {}; }

  // Keeps a machine that was started to be saved, and ends it. agent_said: what was read from agent_fd() so far.
  // Errors are Fault::harness; then the folder is of no use.
  virtual Status save(const std::string& agent_said) = 0;
  // What the agent had said when the machine was saved; empty for one that was booted.
  virtual std::string agent_said() const = 0;
};

// Pure: the kernel's command line. tsc_khz: how fast the host's time stamp counter counts; 0: not known.
std::string kernel_command_line(const MachineSpec& spec, int tsc_khz);

// Whether a device of the machine's is on PCI, which microvm has not.
bool needs_pci(const MachineSpec& spec);

// PCI addresses of the devices whose state no snapshot has, in a restored machine: there they are as after a reset, and
// the kernel must look for them again.
std::vector<std::string> forgotten_devices(const MachineSpec& spec);

// An empty disk: a file that takes no more room than what is written to it.
Status make_disk(const std::filesystem::path& file, int mib);

// A disk that machines of the driver that made it can have, one at a time. What is written to it goes with the object,
// which must not outlive the driver.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual std::filesystem::path path() const = 0;  // for MachineSpec::disk
};

class MachineDriver {
 public:
  virtual ~MachineDriver() = default;
  // Starts a machine; its boot is awaited by guest/. A restored one runs already. Errors are Fault::harness. The
  // calling thread must outlive the machine (process.hpp).
  virtual Result<std::unique_ptr<Machine>> start(const MachineSpec& spec) = 0;
  // An empty disk of that size. folder: of this host, exists; drivers whose machines are here put it there. Errors are
  // Fault::harness.
  virtual Result<std::unique_ptr<Disk>> make_disk(const std::filesystem::path& folder, int mib);
};

}  // namespace labctl
