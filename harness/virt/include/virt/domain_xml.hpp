// A machine as libvirt describes it (https://libvirt.org/formatdomain.html). Pure.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "virt/owner.hpp"
#include "vm/machine.hpp"

namespace labctl {

// What a host that libvirt manages can do, from what it says of itself.
struct HostAbilities {
  std::string id;        // the host's UUID
  std::string emulator;  // the path of QEMU there
  bool qemu = false;     // emulated CPUs
  bool kvm = false;
  bool microvm = false;
  bool pc = false;
  int tsc_khz = 0;  // 0: not known
};

// xml: of virConnectGetCapabilities() (https://libvirt.org/formatcaps.html). Nothing where it is none.
std::optional<HostAbilities> parse_capabilities(std::string_view xml);

// What a domain has that its machine's spec does not say.
struct DomainPlan {
  std::string name;  // of this host's domains no other has it
  std::string uuid;
  Owner owner;
  std::string run;  // for people: the folder of the evidence
  bool microvm = false;
  int tsc_khz = 0;
  // On the host: the socket that the console is on, which libvirt makes; or, where that is empty, the file in which
  // QEMU keeps what is said on the console, which is a terminal then.
  std::filesystem::path console_socket;
  std::filesystem::path console_log;
};

// The names of the machine's two ports, for virDomainOpenConsole() and virDomainOpenChannel().
inline constexpr const char* console_alias = "serial0";
inline constexpr const char* agent_channel = "labctl.agent";

// spec's files are paths on the host. The domain has no network, no shared folder and no device that is not named; it
// is gone once the guest powers off, resets or crashes.
std::string domain_xml(const MachineSpec& spec, const DomainPlan& plan);

// labctl's own element in a domain's metadata.
inline constexpr const char* metadata_namespace = "urn:labctl:machine:1";
// element: of virDomainGetMetadata() with that namespace. Nothing where it is not labctl's.
std::optional<Owner> owner_in_metadata(std::string_view element);

}  // namespace labctl
