#include <fmt/format.h>

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

}  // namespace

std::string_view accelerator_name(Accelerator accelerator) {
  return accelerator == Accelerator::kvm ? "kvm" : "tcg";
}

std::string kernel_command_line(const MachineSpec& spec) {
  // reboot=t: without ACPI a triple fault is the reset that QEMU sees; panic=-1: reset at once after a panic.
  // mitigations=off: page table isolation alone doubles the cost of a system call on an emulated CPU, and the guest
  // has nobody to protect itself from.
  std::string line = "console=ttyS0 reboot=t panic=-1 log_buf_len=1M mitigations=off random.trust_cpu=on";
  if (!spec.command_line.empty()) line += " " + spec.command_line;
  return line;
}

std::vector<std::string> qemu_arguments(const QemuProgram& qemu, const MachineSpec& spec) {
  std::vector<std::string> argv = {qemu.program.string()};
  const auto add = [&](std::initializer_list<std::string> words) { argv.insert(argv.end(), words); };
  const bool kvm = spec.accelerator == Accelerator::kvm;

  // microvm without ACPI is the quickest to boot; its interrupt controllers stay on, without them it hangs under TCG.
  add({"-machine", qemu.microvm ? "microvm,acpi=off" : "pc"});
  add({"-accel", kvm ? "kvm" : "tcg"});
  if (kvm) add({"-cpu", "host"});
  add({"-smp", std::to_string(spec.cpus), "-m", fmt::format("{}M", spec.memory_mib)});
  // A guest that is being judged reaches nothing: no default devices, no network, no system calls that QEMU does
  // not need.
  add({"-nodefaults", "-no-user-config", "-nic", "none", "-display", "none", "-no-reboot"});
  add({"-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"});
  add({"-kernel", spec.pvh && qemu.microvm ? spec.vmlinux.string() : spec.bzimage.string()});
  add({"-initrd", spec.initramfs.string(), "-append", kernel_command_line(spec)});

  add({"-chardev", fmt::format("socket,id=console,fd={}", QemuSockets::console), "-serial", "chardev:console"});
  add({"-chardev", fmt::format("socket,id=monitor,fd={}", QemuSockets::monitor), "-mon",
       "chardev=monitor,mode=control"});
  const std::string bus = qemu.microvm ? "device" : "pci";
  add({"-chardev", fmt::format("socket,id=agent,fd={}", QemuSockets::agent)});
  add({"-device", fmt::format("virtio-serial-{}", bus), "-device", "virtserialport,chardev=agent,name=labctl.agent"});
  if (!spec.payload.empty()) {
    add({"-drive", fmt::format("if=none,id=payload,format=raw,readonly=on,file={}", escaped(spec.payload.string()))});
    add({"-device", fmt::format("virtio-blk-{},drive=payload", bus)});
  }
  return argv;
}

}  // namespace labctl
