#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "model/device.hpp"
#include "vm/qemu.hpp"

namespace labctl {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

const QemuProgram qemu{"/usr/bin/qemu", "7.2", true, "1"};

MachineSpec spec() {
  MachineSpec machine;
  machine.vmlinux = "/k/vmlinux";
  machine.bzimage = "/k/bzImage";
  machine.initramfs = "/i/initramfs.cpio";
  return machine;
}

TEST(QemuArguments, MicrovmExactly) {
  EXPECT_THAT(
      qemu_arguments(qemu, spec()),
      ElementsAre("/usr/bin/qemu", "-machine", "microvm,acpi=off", "-accel", "tcg", "-smp", "1", "-m", "128M",
                  "-nodefaults", "-no-user-config", "-nic", "none", "-display", "none", "-no-reboot", "-sandbox",
                  "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny", "-kernel", "/k/vmlinux",
                  "-initrd", "/i/initramfs.cpio", "-append",
                  "console=ttyS0 reboot=t panic=-1 log_buf_len=1M mitigations=off random.trust_cpu=on tsc=reliable "
                  "no_timer_check",
                  "-chardev", "socket,id=console,fd=901", "-serial", "chardev:console", "-chardev",
                  "socket,id=monitor,fd=902", "-mon", "chardev=monitor,mode=control", "-chardev",
                  "socket,id=agent,fd=900", "-device", "virtio-serial-device", "-device",
                  "virtserialport,chardev=agent,name=labctl.agent"));
}

TEST(QemuArguments, PcWhereThereIsNoMicrovm) {
  const auto argv = qemu_arguments(QemuProgram{"/usr/bin/qemu", "4.0", false, "1"}, spec());
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
  machine.command_line = "slub_debug=FZPU";
  const auto argv = qemu_arguments(qemu, machine);
  EXPECT_THAT(argv, Contains("kvm"));
  EXPECT_THAT(argv, Contains("host"));
  EXPECT_THAT(argv, Contains("/k/bzImage"));
  EXPECT_THAT(argv, Contains("512M"));
  EXPECT_THAT(kernel_command_line(machine, qemu.tsc_khz), testing::EndsWith(" slub_debug=FZPU"));
}

// Of an emulated CPU it is the host's; what the lab says comes last, and counts.
TEST(QemuArguments, TheKernelIsToldItsTsc) {
  QemuProgram told = qemu;
  told.tsc_khz = 2'300'000;
  MachineSpec machine = spec();
  machine.command_line = "quiet";
  EXPECT_THAT(kernel_command_line(machine, told.tsc_khz), testing::EndsWith(" tsc_early_khz=2300000 quiet"));
  EXPECT_THAT(kernel_command_line(machine, qemu.tsc_khz), Not(testing::HasSubstr("tsc_early_khz")));
  machine.accelerator = Accelerator::kvm;
  EXPECT_THAT(kernel_command_line(machine, told.tsc_khz), Not(testing::HasSubstr("tsc_early_khz")));
}

TEST(QemuArguments, DevicesOnPciNeedAPc) {
  MachineSpec machine = spec();
  machine.devices = {"gpio"};
  const auto gpio = qemu_arguments(qemu, machine);
  EXPECT_THAT(gpio, Contains("microvm,acpi=off"));
  EXPECT_THAT(kernel_command_line(machine, qemu.tsc_khz), testing::EndsWith(" gpio_mockup.gpio_mockup_ranges=-1,8"));
  machine.devices = {"gpio", "edu"};
  const auto edu = qemu_arguments(qemu, machine);
  EXPECT_THAT(edu, testing::IsSupersetOf({"pc", "/k/bzImage", "virtio-serial-pci", "edu,addr=0x10"}));
}

TEST(QemuArguments, ADeviceThatIsNotSavedIsForgottenByARestoredMachine) {
  MachineSpec machine = spec();
  machine.devices = {"edu", "gpio"};
  machine.snapshot.use = Snapshot::Use::save;
  EXPECT_THAT(forgotten_devices(machine), testing::IsEmpty());
  machine.snapshot.use = Snapshot::Use::restore;
  EXPECT_THAT(forgotten_devices(machine), ElementsAre("0000:00:10.0"));
}

TEST(QemuArguments, EveryDeviceThatALabMayHaveIsKnown) {
  MachineSpec machine = spec();
  machine.devices = device_names();
  EXPECT_NO_THROW(qemu_arguments(qemu, machine));
}

TEST(QemuArguments, ADiskIsOnTheMachinesOwnBus) {
  MachineSpec machine = spec();
  EXPECT_THAT(qemu_arguments(qemu, machine), Not(Contains("-blockdev")));
  machine.disk_mib = 16;
  machine.disk = "/r/disk,1";
  EXPECT_THAT(qemu_arguments(qemu, machine),
              testing::IsSupersetOf({"driver=raw,node-name=disk,cache.no-flush=on,file.driver=file,"
                                     "file.cache.no-flush=on,file.filename=/r/disk,,1",
                                     "virtio-blk-device,drive=disk,werror=stop,rerror=stop"}));
  machine.devices = {"edu"};
  EXPECT_THAT(qemu_arguments(qemu, machine), Contains("virtio-blk-pci,drive=disk,werror=stop,rerror=stop"));
}

TEST(QemuArguments, MemoryIsSharedToBeSavedAndPrivateWhenRestored) {
  MachineSpec machine = spec();
  machine.snapshot = {Snapshot::Use::save, "/c/s,1"};
  const auto saved = qemu_arguments(qemu, machine);
  EXPECT_THAT(saved, Contains("microvm,acpi=off,memory-backend=memory"));
  EXPECT_THAT(saved, Contains("memory-backend-file,id=memory,size=128M,share=on,mem-path=/c/s,,1/memory"));
  EXPECT_THAT(saved, Not(Contains("-incoming")));
  machine.snapshot.use = Snapshot::Use::restore;
  const auto restored = qemu_arguments(qemu, machine);
  EXPECT_THAT(restored, Contains("memory-backend-file,id=memory,size=128M,share=off,mem-path=/c/s,,1/memory"));
  EXPECT_THAT(restored, testing::IsSupersetOf({"-incoming", "defer"}));
}

TEST(SnapshotDependencies, AreWhatTheMachineIsAndNotWhereItsFilesAre) {
  const std::string before = snapshot_dependencies(qemu, spec());
  MachineSpec elsewhere = spec();
  elsewhere.vmlinux = "/other/vmlinux";
  elsewhere.initramfs = "/other/initramfs.cpio";
  elsewhere.folder = "/other/run";
  elsewhere.disk = "/other/disk";
  elsewhere.snapshot = {Snapshot::Use::restore, "/other/snapshot"};
  EXPECT_EQ(snapshot_dependencies(qemu, elsewhere), before);

  std::vector<std::string> all = {before};
  const auto other = [&](const std::function<void(MachineSpec&)>& change) {
    MachineSpec machine = spec();
    change(machine);
    all.push_back(snapshot_dependencies(qemu, machine));
  };
  other([](MachineSpec& machine) { machine.cpus = 2; });
  other([](MachineSpec& machine) { machine.memory_mib = 256; });
  other([](MachineSpec& machine) { machine.command_line = "slub_debug=FZPU"; });
  other([](MachineSpec& machine) { machine.accelerator = Accelerator::kvm; });
  other([](MachineSpec& machine) { machine.pvh = false; });
  other([](MachineSpec& machine) { machine.devices = {"edu"}; });
  other([](MachineSpec& machine) { machine.devices = {"gpio"}; });
  other([](MachineSpec& machine) { machine.disk_mib = 16; });
  other([](MachineSpec& machine) { machine.disk_mib = 32; });
  all.push_back(snapshot_dependencies({"/usr/bin/qemu", "7.2", false, "1"}, spec()));
  all.push_back(snapshot_dependencies({"/usr/bin/qemu", "7.2", true, "2"}, spec()));
  all.push_back(snapshot_dependencies({"/usr/bin/qemu", "8.0", true, "1"}, spec()));
  const std::set<std::string> different(all.begin(), all.end());
  EXPECT_EQ(different.size(), all.size());
}

}  // namespace
}  // namespace labctl
