#include "virt/domain_xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>
#include <sstream>

#include "vm/device_arguments.hpp"

namespace labctl {

namespace {

using Node = pugi::xml_node;

Node add(Node parent, const char* name, std::initializer_list<std::pair<const char*, std::string>> attributes = {}) {
  Node node = parent.append_child(name);
  for (const auto& [key, value] : attributes)
    node.append_attribute(key) = value.c_str();
  return node;
}

void add_text(Node parent, const char* name, const std::string& text) {
  parent.append_child(name).text() = text.c_str();
}

void add_metadata(Node domain, const DomainPlan& plan) {
  add(add(domain, "metadata"), "labctl:machine",
      {{"xmlns:labctl", metadata_namespace}, {"owner", owner_text(plan.owner)}, {"run", plan.run}});
}

void add_cpus(Node domain, const MachineSpec& spec) {
  add_text(domain, "vcpu", std::to_string(spec.cpus));
  Node cpu = add(domain, "cpu");
  if (spec.accelerator == Accelerator::kvm) cpu.append_attribute("mode") = "host-passthrough";
  add(cpu, "topology", {{"sockets", "1"}, {"dies", "1"}, {"cores", std::to_string(spec.cpus)}, {"threads", "1"}});
}

void add_boot(Node domain, const MachineSpec& spec, const DomainPlan& plan, bool microvm) {
  Node os = add(domain, "os");
  add(os, "type", {{"arch", "x86_64"}, {"machine", microvm ? "microvm" : "pc"}}).text() = "hvm";
  add_text(os, "kernel", spec.pvh && microvm ? spec.vmlinux.string() : spec.bzimage.string());
  add_text(os, "initrd", spec.initramfs.string());
  add_text(os, "cmdline", kernel_command_line(spec, plan.tsc_khz));
}

// On microvm a virtio device is on no bus that could be enumerated.
void place(Node device, bool microvm) {
  if (microvm) add(device, "address", {{"type", "virtio-mmio"}});
}

void add_console(Node devices, const DomainPlan& plan) {
  const bool socket = !plan.console_socket.empty();
  Node serial = add(devices, "serial", {{"type", socket ? "unix" : "pty"}});
  if (socket) add(serial, "source", {{"mode", "bind"}, {"path", plan.console_socket.string()}});
  add(serial, "target", {{"type", "isa-serial"}, {"port", "0"}});
  if (!socket) add(serial, "log", {{"file", plan.console_log.string()}, {"append", "off"}});
}

void add_agent(Node devices, bool microvm) {
  place(add(devices, "controller", {{"type", "virtio-serial"}, {"index", "0"}}), microvm);
  // libvirt makes a socket for it, and connects to that for a stream.
  Node channel = add(devices, "channel", {{"type", "unix"}});
  add(channel, "target", {{"type", "virtio"}, {"name", agent_channel}});
}

void add_disk(Node devices, const MachineSpec& spec, bool microvm) {
  if (spec.disk_mib == 0) return;
  Node disk = add(devices, "disk", {{"type", "file"}, {"device", "disk"}});
  // What the guest has flushed need not outlive the host. An error of the host's is not the guest's to see.
  add(disk, "driver",
      {{"name", "qemu"}, {"type", "raw"}, {"cache", "unsafe"}, {"error_policy", "stop"}, {"rerror_policy", "stop"}});
  add(disk, "source", {{"file", spec.disk.string()}});
  add(disk, "target", {{"dev", "vda"}, {"bus", "virtio"}});
  place(disk, microvm);
}

// Devices that libvirt has no word for are given to QEMU as they are.
void add_lab_devices(Node domain, Node devices, const MachineSpec& spec) {
  std::vector<std::string> raw;
  bool usb = false;
  for (const auto& name : spec.devices) {
    const DeviceArguments& device = device_arguments(name);
    usb = usb || device.usb;
    if (!device.usb) raw.insert(raw.end(), device.qemu.begin(), device.qemu.end());
  }
  add(devices, "controller", {{"type", "usb"}, {"model", usb ? "qemu-xhci" : "none"}});
  if (usb) {
    add(devices, "input", {{"type", "keyboard"}, {"bus", "usb"}});
    add(devices, "input", {{"type", "mouse"}, {"bus", "usb"}});
  }
  if (raw.empty()) return;
  domain.append_attribute("xmlns:qemu") = "http://libvirt.org/schemas/domain/qemu/1.0";
  Node arguments = add(domain, "qemu:commandline");
  for (const auto& word : raw)
    add(arguments, "qemu:arg", {{"value", word}});
}

std::optional<pugi::xml_document> parse(std::string_view xml) {
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size())) return std::nullopt;
  return document;
}

}  // namespace

std::string domain_xml(const MachineSpec& spec, const DomainPlan& plan) {
  const bool microvm = plan.microvm && !needs_pci(spec);
  pugi::xml_document document;
  Node domain = document.append_child("domain");
  domain.append_attribute("type") = spec.accelerator == Accelerator::kvm ? "kvm" : "qemu";
  add_text(domain, "name", plan.name);
  add_text(domain, "uuid", plan.uuid);
  add_metadata(domain, plan);
  add(domain, "memory", {{"unit", "MiB"}}).text() = spec.memory_mib;
  add_cpus(domain, spec);
  add_boot(domain, spec, plan, microvm);
  // All three alike, or libvirt would let the guest reset and boot again (QEMU's set-action).
  for (const char* end : {"on_poweroff", "on_reboot", "on_crash"})
    add_text(domain, end, "destroy");
  Node devices = add(domain, "devices");
  add_console(devices, plan);
  add_agent(devices, microvm);
  add_disk(devices, spec, microvm);
  add_lab_devices(domain, devices, spec);
  add(devices, "memballoon", {{"model", "none"}});
  std::ostringstream text;
  document.save(text, "  ", pugi::format_indent | pugi::format_no_declaration | pugi::format_skip_control_chars);
  return text.str();
}

std::optional<HostAbilities> parse_capabilities(std::string_view xml) {
  const auto document = parse(xml);
  if (!document) return std::nullopt;
  const Node root = document->child("capabilities");
  if (!root) return std::nullopt;
  HostAbilities host;
  host.id = root.child("host").child_value("uuid");
  for (const Node counter : root.child("host").child("cpu").children("counter"))
    if (std::string_view(counter.attribute("name").value()) == "tsc")
      host.tsc_khz = static_cast<int>(counter.attribute("frequency").as_ullong() / 1000);
  for (const Node guest : root.children("guest")) {
    const Node arch = guest.child("arch");
    if (std::string_view(guest.child_value("os_type")) != "hvm" ||
        std::string_view(arch.attribute("name").value()) != "x86_64")
      continue;
    host.emulator = arch.child_value("emulator");
    for (const Node machine : arch.children("machine")) {
      const std::string_view name = machine.child_value();
      host.microvm = host.microvm || name == "microvm";
      host.pc = host.pc || name == "pc";
    }
    for (const Node domain : arch.children("domain")) {
      const std::string_view type = domain.attribute("type").value();
      host.qemu = host.qemu || type == "qemu";
      host.kvm = host.kvm || type == "kvm";
    }
  }
  return host;
}

std::optional<Owner> owner_in_metadata(std::string_view element) {
  const auto document = parse(element);
  if (!document) return std::nullopt;
  // libvirt gives it with the prefix that it was stored with.
  const Node node = document->first_child();
  const std::string_view name = node.name();
  if (name != "machine" && !name.ends_with(":machine")) return std::nullopt;
  return parse_owner(node.attribute("owner").value());
}

}  // namespace labctl
