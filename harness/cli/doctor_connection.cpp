#include "doctor_connection.hpp"

#include <fmt/format.h>

#include "runner/accelerator.hpp"
#include "support/text.hpp"
#include "virt/libvirt_host.hpp"

namespace labctl {

namespace {

HostFinding check_machines(const LibvirtHost& host) {
  if (!host.abilities().microvm)
    return {Health::warning, "machines", "the host has no microvm: guests boot slower on pc",
            "install QEMU 4.2 or newer there"};
  return {Health::good, "machines",
          fmt::format("microvm{}", host.abilities().pc ? ", and pc for devices on PCI" : "; no pc for devices on PCI"),
          ""};
}

HostFinding check_files(const LibvirtHost& host) {
  if (host.pool().empty()) return {Health::good, "files", "machines run as you, and read your kernels", ""};
  return {Health::good, "files", fmt::format("copied once, to the host's storage pool \"{}\"", host.pool()), ""};
}

HostFinding check_acceleration(LibvirtHost& host, const std::optional<Kernel>& kernel, const RunnerParts& parts) {
  if (!kernel)
    return {Health::warning, "acceleration", "not tried: it takes a kernel to boot", "labctl kernel build 6.1"};
  const auto boots = [&](Accelerator accelerator) { return boot_once(*kernel, host, accelerator, parts, Limits()); };
  auto choice = choose_accelerator(AcceleratorMode::automatic, parts.cache, host, boots);
  if (!choice) return {Health::bad, "acceleration", choice.error().message, choice.error().hint};
  if (choice->accelerator == Accelerator::kvm && choice->probed)
    return {Health::good, "acceleration", choice->reason, ""};
  // What is remembered says nothing of starting a machine now, and emulation is to be proved as well.
  if (auto booted = boots(choice->accelerator); !booted)
    return {Health::bad, "acceleration", booted.error().message, booted.error().hint};
  if (choice->accelerator == Accelerator::kvm) return {Health::good, "acceleration", choice->reason, ""};
  return {Health::warning, "acceleration", fmt::format("emulated CPU, which works ({})", choice->reason),
          host.abilities().kvm ? "" : "for speed, on the host: modprobe kvm_intel or kvm_amd"};
}

}  // namespace

std::vector<HostFinding> examine_libvirt_host(const std::string& uri, const std::optional<Kernel>& kernel,
                                              const RunnerParts& parts) {
  auto host = open_libvirt_host(uri, parts.cache, parts.progress, parts.stop);
  if (!host) return {{Health::bad, "libvirt", host.error().message, host.error().hint}};
  std::vector<HostFinding> findings = {
      {Health::good, "libvirt", fmt::format("{}: {}", (*host)->uri().text, (*host)->versions()), ""}};
  findings.push_back(check_machines(**host));
  findings.push_back(check_files(**host));
  findings.push_back(check_acceleration(**host, kernel, parts));
  if (const auto strange = (*host)->strange_machines(); !strange.empty())
    findings.push_back(
        {Health::warning, "left behind",
         "machines that were started on another machine, which may still use them: " + join(strange, ", "),
         fmt::format("if not: virsh -c '{}' destroy NAME", (*host)->uri().text)});
  return findings;
}

}  // namespace labctl
