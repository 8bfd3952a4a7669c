#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <thread>

#include "support/fd.hpp"
#include "vm/machine_host.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

class LocalHost final : public MachineHost {
 public:
  LocalHost(QemuProgram qemu, fs::path kvm_device) : qemu_(std::move(qemu)), kvm_device_(std::move(kvm_device)) {}

  std::unique_ptr<MachineDriver> make_driver(const Limits& limits) override { return make_qemu_driver(qemu_, limits); }

  std::string kvm_obstacle() const override {
    const Fd fd(::open(kvm_device_.c_str(), O_RDWR | O_CLOEXEC));
    if (fd) return {};
    if (errno == ENOENT) return fmt::format("there is no {}", kvm_device_.string());
    return fmt::format("{}: {}", kvm_device_.string(), std::strerror(errno));
  }

  // The boot is in it (through btime's stand-in, the device's change time): a host that restarts makes its device anew.
  std::string kvm_stamp() const override {
    struct utsname host {};
    ::uname(&host);
    struct stat info {};
    ::stat(kvm_device_.c_str(), &info);
    return fmt::format("kvm 1\n{}\n{}\n{} {}\n{}:{}", qemu_.program.string(), qemu_.version, host.release, host.version,
                       info.st_rdev, info.st_ctim.tv_sec);
  }

  std::optional<std::string> snapshot_dependencies(const MachineSpec& spec) const override {
    return labctl::snapshot_dependencies(qemu_, spec);
  }

  std::size_t machines_at_once(int memory_mib) const override {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    std::ifstream meminfo("/proc/meminfo");
    std::string name;
    for (std::uint64_t kib = 0; meminfo >> name >> kib; meminfo.ignore(80, '\n'))
      // QEMU's own memory is about 30 MiB, and half of what is free is left to others.
      if (name == "MemAvailable:")
        return std::clamp<std::size_t>(kib / 1024 / 2 / static_cast<std::size_t>(memory_mib + 30), 1, cores);
    return cores;
  }

 private:
  const QemuProgram qemu_;
  const fs::path kvm_device_;
};

}  // namespace

std::unique_ptr<MachineHost> make_local_host(QemuProgram qemu, fs::path kvm_device) {
  return std::make_unique<LocalHost>(std::move(qemu), std::move(kvm_device));
}

}  // namespace labctl
