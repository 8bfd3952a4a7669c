#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "vm/device_arguments.hpp"
#include "vm/qemu.hpp"

namespace labctl {

namespace {

// QEMU reads "," as the end of a value; doubled it is a comma.
std::string escaped(const std::string& value) {
  std::string text;
  for (char c : value)
    text += c == ',' ? std::string(",,") : std::string(1, c);
  return text;
}

std::string host_cpu() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string text, line;
  while (std::getline(cpuinfo, line) && !line.empty())
    if (line.rfind("vendor_id", 0) == 0 || line.rfind("model name", 0) == 0 || line.rfind("flags", 0) == 0 ||
        line.rfind("microcode", 0) == 0)
      text += line + "\n";
  std::ifstream release("/proc/sys/kernel/osrelease");
  std::getline(release, line);
  return text + line + "\n";
}

}  // namespace

bool needs_pci(const MachineSpec& spec) {
  return std::any_of(spec.devices.begin(), spec.devices.end(),
                     [](const std::string& name) { return device_arguments(name).on_pci; });
}

std::string_view accelerator_name(Accelerator accelerator) {
  return accelerator == Accelerator::kvm ? "kvm" : "tcg";
}

std::string kernel_command_line(const MachineSpec& spec, int tsc_khz) {
  // reboot=t: without ACPI a triple fault is the reset that QEMU sees; panic=-1: reset at once after a panic.
  // mitigations=off: page table isolation alone doubles the cost of a system call on an emulated CPU, and the guest
  // has nobody to protect itself from.
  // tsc=reliable: on a busy host the clock's watchdog finds the emulated TSC late, and says so in the middle of a test.
  // no_timer_check: the kernel panics where it counts too few of the timer's ticks, as on a busy host.
  std::string line =
      "console=ttyS0 reboot=t panic=-1 log_buf_len=1M mitigations=off random.trust_cpu=on tsc=reliable "
      "no_timer_check";
  // The kernel would measure its TSC by the timer's ticks, fail on a busy host, and have no clock but these ticks.
  if (spec.accelerator == Accelerator::tcg && tsc_khz > 0) line += fmt::format(" tsc_early_khz={}", tsc_khz);
  for (const auto& device : spec.devices)
    if (const auto& words = device_arguments(device).command_line; !words.empty()) line += " " + words;
  if (!spec.command_line.empty()) line += " " + spec.command_line;
  return line;
}

std::vector<std::string> qemu_arguments(const QemuProgram& qemu, const MachineSpec& spec) {
  std::vector<std::string> argv = {qemu.program.string()};
  const auto add = [&](std::initializer_list<std::string> words) { argv.insert(argv.end(), words); };
  const bool kvm = spec.accelerator == Accelerator::kvm;

  // Without ACPI it is the quickest to boot. Its interrupt controllers stay on, without them it hangs under TCG.
  const bool microvm = qemu.microvm && !needs_pci(spec);
  std::string machine = microvm ? "microvm,acpi=off" : "pc";
  if (spec.snapshot.use != Snapshot::Use::none) {
    // Shared with the file until it is saved; a restored machine has a private copy, made page by page as it writes.
    machine += ",memory-backend=memory";
    add({"-object", fmt::format("memory-backend-file,id=memory,size={}M,share={},mem-path={}", spec.memory_mib,
                                spec.snapshot.use == Snapshot::Use::save ? "on" : "off",
                                escaped((spec.snapshot.folder / "memory").string()))});
  }
  if (spec.snapshot.use == Snapshot::Use::restore) add({"-incoming", "defer"});
  add({"-machine", machine});
  add({"-accel", kvm ? "kvm" : "tcg"});
  if (kvm) add({"-cpu", "host"});
  add({"-smp", std::to_string(spec.cpus), "-m", fmt::format("{}M", spec.memory_mib)});
  // A guest that is being judged reaches nothing: no default devices, no network, no system calls that QEMU does
  // not need.
  add({"-nodefaults", "-no-user-config", "-nic", "none", "-display", "none", "-no-reboot"});
  add({"-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"});
  add({"-kernel", spec.pvh && microvm ? spec.vmlinux.string() : spec.bzimage.string()});
  add({"-initrd", spec.initramfs.string(), "-append", kernel_command_line(spec, qemu.tsc_khz)});

  add({"-chardev", fmt::format("socket,id=console,fd={}", QemuSockets::console), "-serial", "chardev:console"});
  add({"-chardev", fmt::format("socket,id=monitor,fd={}", QemuSockets::monitor), "-mon",
       "chardev=monitor,mode=control"});
  const std::string bus = microvm ? "device" : "pci";
  add({"-chardev", fmt::format("socket,id=agent,fd={}", QemuSockets::agent)});
  add({"-device", fmt::format("virtio-serial-{}", bus), "-device", "virtserialport,chardev=agent,name=labctl.agent"});
  for (const auto& device : spec.devices)
    argv.insert(argv.end(), device_arguments(device).qemu.begin(), device_arguments(device).qemu.end());
  if (spec.disk_mib > 0) {
    // What the guest has flushed need not outlive the host.
    add({"-blockdev",
         "driver=raw,node-name=disk,cache.no-flush=on,file.driver=file,file.cache.no-flush=on,file.filename=" +
             escaped(spec.disk.string())});
    add({"-device", fmt::format("virtio-blk-{},drive=disk,werror=stop,rerror=stop", bus)});
  }
  return argv;
}

std::vector<std::string> forgotten_devices(const MachineSpec& spec) {
  std::vector<std::string> addresses;
  if (spec.snapshot.use != Snapshot::Use::restore) return addresses;
  for (const auto& device : spec.devices)
    if (const auto& address = device_arguments(device).forgotten_at; !address.empty()) addresses.push_back(address);
  return addresses;
}

std::string snapshot_dependencies(const QemuProgram& qemu, const MachineSpec& spec) {
  // The files are known to the caller by their content, wherever they are.
  MachineSpec plain = spec;
  plain.vmlinux = "vmlinux";
  plain.bzimage = "bzimage";
  plain.initramfs = "initramfs";
  plain.disk = "disk";
  plain.snapshot = {Snapshot::Use::save, "snapshot"};
  std::string text = fmt::format("{}\n{}\n{} MiB\n", qemu.stamp, qemu.version, spec.disk_mib);
  for (const auto& word : qemu_arguments(qemu, plain))
    text += word + "\n";
  // Under KVM the guest has this very CPU, as this very kernel shows it.
  if (spec.accelerator == Accelerator::kvm) text += host_cpu();
  return text;
}

}  // namespace labctl
