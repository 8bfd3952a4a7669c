#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vm/qemu.hpp"

namespace labctl {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

MachineSpec spec() {
  MachineSpec machine;
  machine.vmlinux = "/k/vmlinux";
  machine.bzimage = "/k/bzImage";
  machine.initramfs = "/i/initramfs.cpio";
  machine.payload = "/p/pay,load";
  return machine;
}

TEST(QemuArguments, MicrovmExactly) {
  EXPECT_THAT(
      qemu_arguments({"/usr/bin/qemu", "7.2", true}, spec()),
      ElementsAre("/usr/bin/qemu", "-machine", "microvm,acpi=off", "-accel", "tcg", "-smp", "1", "-m", "128M",
                  "-nodefaults", "-no-user-config", "-nic", "none", "-display", "none", "-no-reboot", "-sandbox",
                  "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny", "-kernel", "/k/vmlinux",
                  "-initrd", "/i/initramfs.cpio", "-append",
                  "console=ttyS0 reboot=t panic=-1 log_buf_len=1M mitigations=off random.trust_cpu=on", "-chardev",
                  "socket,id=console,fd=901", "-serial", "chardev:console", "-chardev", "socket,id=monitor,fd=902",
                  "-mon", "chardev=monitor,mode=control", "-chardev", "socket,id=agent,fd=900", "-device",
                  "virtio-serial-device", "-device", "virtserialport,chardev=agent,name=labctl.agent", "-drive",
                  "if=none,id=payload,format=raw,readonly=on,file=/p/pay,,load", "-device",
                  "virtio-blk-device,drive=payload"));
}

TEST(QemuArguments, PcWhereThereIsNoMicrovm) {
  const auto argv = qemu_arguments({"/usr/bin/qemu", "4.0", false}, spec());
  EXPECT_THAT(argv, Contains("pc"));
  EXPECT_THAT(argv, Contains("/k/bzImage")) << "pc has no PVH entry here";
  EXPECT_THAT(argv, Contains("virtio-serial-pci"));
  EXPECT_THAT(argv, Not(Contains("microvm,acpi=off")));
}

TEST(QemuArguments, KvmAndWithoutPvh) {
  MachineSpec machine = spec();
  machine.accelerator = Accelerator::kvm;
  machine.pvh = false;
  machine.cpus = 2;
  machine.memory_mib = 512;
  machine.payload.clear();
  machine.command_line = "slub_debug=FZPU";
  const auto argv = qemu_arguments({"/usr/bin/qemu", "7.2", true}, machine);
  EXPECT_THAT(argv, Contains("kvm"));
  EXPECT_THAT(argv, Contains("host"));
  EXPECT_THAT(argv, Contains("/k/bzImage"));
  EXPECT_THAT(argv, Contains("512M"));
  EXPECT_THAT(argv, Not(Contains("-drive")));
  EXPECT_THAT(kernel_command_line(machine), testing::EndsWith(" slub_debug=FZPU"));
}

}  // namespace
}  // namespace labctl
