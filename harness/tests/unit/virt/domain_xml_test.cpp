#include "virt/domain_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/device.hpp"

namespace labctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

MachineSpec spec() {
  MachineSpec machine;
  machine.vmlinux = "/k/vmlinux";
  machine.bzimage = "/k/bzImage";
  machine.initramfs = "/i/initramfs.cpio";
  machine.folder = "/run/1";
  return machine;
}

DomainPlan plan() {
  DomainPlan domain;
  domain.name = "labctl-x-1";
  domain.uuid = "6acc56a5-9118-40ee-8e80-9485676cf9c5";
  domain.owner = {"0123456789abcdef", 42, 4711};
  domain.run = "/run/1";
  domain.microvm = true;
  domain.console_socket = "/s/console";
  return domain;
}

TEST(DomainXml, MicrovmExactly) {
  EXPECT_EQ(domain_xml(spec(), plan()), R"(<domain type="qemu">
  <name>labctl-x-1</name>
  <uuid>6acc56a5-9118-40ee-8e80-9485676cf9c5</uuid>
  <metadata>
    <labctl:machine xmlns:labctl="urn:labctl:machine:1" owner="0123456789abcdef-42-4711" run="/run/1" />
  </metadata>
  <memory unit="MiB">128</memory>
  <vcpu>1</vcpu>
  <cpu>
    <topology sockets="1" dies="1" cores="1" threads="1" />
  </cpu>
  <os>
    <type arch="x86_64" machine="microvm">hvm</type>
    <kernel>/k/vmlinux</kernel>
    <initrd>/i/initramfs.cpio</initrd>
    <cmdline>console=ttyS0 reboot=t panic=-1 log_buf_len=1M mitigations=off random.trust_cpu=on tsc=reliable no_timer_check</cmdline>
  </os>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>destroy</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <serial type="unix">
      <source mode="bind" path="/s/console" />
      <target type="isa-serial" port="0" />
    </serial>
    <controller type="virtio-serial" index="0">
      <address type="virtio-mmio" />
    </controller>
    <channel type="unix">
      <target type="virtio" name="labctl.agent" />
    </channel>
    <controller type="usb" model="none" />
    <memballoon model="none" />
  </devices>
</domain>
)");
}

TEST(DomainXml, WhatAGuestMustNotHave) {
  MachineSpec machine = spec();
  machine.devices = device_names();
  machine.disk_mib = 16;
  machine.disk = "/d/disk";
  for (const auto& xml : {domain_xml(spec(), plan()), domain_xml(machine, plan())})
    EXPECT_THAT(xml, AllOf(Not(HasSubstr("<interface")), Not(HasSubstr("<filesystem")), Not(HasSubstr("<hostdev")),
                           Not(HasSubstr("<graphics")), Not(HasSubstr("sandbox")), Not(HasSubstr("seclabel"))));
}

TEST(DomainXml, KvmManyCpusAndMemory) {
  MachineSpec machine = spec();
  machine.accelerator = Accelerator::kvm;
  machine.cpus = 4;
  machine.memory_mib = 512;
  EXPECT_THAT(
      domain_xml(machine, plan()),
      AllOf(HasSubstr("<domain type=\"kvm\">"), HasSubstr("<memory unit=\"MiB\">512</memory>"),
            HasSubstr("<vcpu>4</vcpu>\n  <cpu mode=\"host-passthrough\">\n    <topology sockets=\"1\" dies=\"1\" "
                      "cores=\"4\" threads=\"1\" />")));
}

TEST(DomainXml, TheKernelIsToldWhatTheQemuDriverTellsIt) {
  MachineSpec machine = spec();
  machine.devices = {"gpio"};
  machine.command_line = "a<b&c=\"d\"";
  DomainPlan domain = plan();
  domain.tsc_khz = 2'300'000;
  EXPECT_THAT(kernel_command_line(machine, 2'300'000), HasSubstr("tsc_early_khz=2300000 gpio_mockup"));
  EXPECT_THAT(domain_xml(machine, domain), AllOf(HasSubstr("tsc_early_khz=2300000 gpio_mockup"),
                                                 HasSubstr("a&lt;b&amp;c=\"d\"</cmdline>"), HasSubstr("microvm")));
}

TEST(DomainXml, AKernelWithoutPvhStartsFromItsBzImage) {
  MachineSpec machine = spec();
  machine.pvh = false;
  EXPECT_THAT(domain_xml(machine, plan()), HasSubstr("<kernel>/k/bzImage</kernel>"));
}

TEST(DomainXml, DevicesOnPciNeedAPc) {
  MachineSpec machine = spec();
  machine.devices = {"edu"};
  const auto edu = domain_xml(machine, plan());
  EXPECT_THAT(edu, AllOf(HasSubstr("machine=\"pc\""), HasSubstr("/k/bzImage"), Not(HasSubstr("virtio-mmio")),
                         HasSubstr("xmlns:qemu=\"http://libvirt.org/schemas/domain/qemu/1.0\""),
                         HasSubstr("<qemu:arg value=\"-device\" />\n    <qemu:arg value=\"edu,addr=0x10\" />")));
  machine.devices = {"usb"};
  EXPECT_THAT(
      domain_xml(machine, plan()),
      AllOf(HasSubstr("<controller type=\"usb\" model=\"qemu-xhci\" />\n    <input type=\"keyboard\" bus=\"usb\" />"
                      "\n    <input type=\"mouse\" bus=\"usb\" />"),
            Not(HasSubstr("qemu:commandline"))));
}

TEST(DomainXml, PcWhereTheHostHasNoMicrovm) {
  DomainPlan domain = plan();
  domain.microvm = false;
  EXPECT_THAT(domain_xml(spec(), domain),
              AllOf(HasSubstr("machine=\"pc\""), HasSubstr("/k/bzImage"), Not(HasSubstr("virtio-mmio"))));
}

TEST(DomainXml, TheDisk) {
  MachineSpec machine = spec();
  machine.disk_mib = 16;
  machine.disk = "/d/a,b & c";
  EXPECT_THAT(domain_xml(machine, plan()), HasSubstr(R"(<disk type="file" device="disk">
      <driver name="qemu" type="raw" cache="unsafe" error_policy="stop" rerror_policy="stop" />
      <source file="/d/a,b &amp; c" />
      <target dev="vda" bus="virtio" />
      <address type="virtio-mmio" />
    </disk>)"));
}

TEST(DomainXml, AConsoleThatIsATerminalIsKeptInAFile) {
  DomainPlan domain = plan();
  domain.console_socket.clear();
  domain.console_log = "/pool/log";
  EXPECT_THAT(domain_xml(spec(), domain), HasSubstr(R"(<serial type="pty">
      <target type="isa-serial" port="0" />
      <log file="/pool/log" append="off" />
    </serial>)"));
}

TEST(Metadata, TellsTheOwner) {
  const Owner owner{"0123456789abcdef", 42, 4711};
  // As libvirt gives the element back.
  EXPECT_EQ(owner_in_metadata("<labctl:machine xmlns:labctl='urn:labctl:machine:1' owner='0123456789abcdef-42-4711'/>"),
            owner);
  EXPECT_EQ(owner_in_metadata("<machine owner='0123456789abcdef-42-4711'/>"), owner);
  EXPECT_EQ(owner_in_metadata("<other owner='0123456789abcdef-42-4711'/>"), std::nullopt);
  EXPECT_EQ(owner_in_metadata("<machine owner='0123456789abcdef-42'/>"), std::nullopt);
  EXPECT_EQ(owner_in_metadata("no element"), std::nullopt);
}

constexpr const char* capabilities = R"(<capabilities>
  <host>
    <uuid>c0ffee</uuid>
    <cpu><counter name='tsc' frequency='2596000000' scaling='no'/></cpu>
  </host>
  <guest>
    <os_type>hvm</os_type>
    <arch name='i686'><emulator>/usr/bin/qemu-system-i386</emulator><machine>q35</machine><domain type='kvm'/></arch>
  </guest>
  <guest>
    <os_type>hvm</os_type>
    <arch name='x86_64'>
      <emulator>/usr/bin/qemu-system-x86_64</emulator>
      <machine maxCpus='255' canonical='pc-i440fx-7.2'>pc</machine>
      <machine maxCpus='288'>microvm</machine>
      <domain type='qemu'/>
    </arch>
  </guest>
</capabilities>)";

TEST(Capabilities, OfX86Machines) {
  const auto host = parse_capabilities(capabilities);
  ASSERT_TRUE(host);
  EXPECT_EQ(host->id, "c0ffee");
  EXPECT_EQ(host->emulator, "/usr/bin/qemu-system-x86_64");
  EXPECT_EQ(host->tsc_khz, 2'596'000);
  EXPECT_TRUE(host->qemu && host->microvm && host->pc);
  EXPECT_FALSE(host->kvm) << "only 32-bit machines have it";
}

TEST(Capabilities, OfNothing) {
  EXPECT_FALSE(parse_capabilities("<domain/>"));
  EXPECT_FALSE(parse_capabilities("<capabilities"));
  const auto empty = parse_capabilities("<capabilities/>");
  ASSERT_TRUE(empty);
  EXPECT_FALSE(empty->qemu || empty->kvm || empty->microvm);
}

}  // namespace
}  // namespace labctl
