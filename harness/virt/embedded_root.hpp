// The folder in which libvirt's QEMU driver works when it runs within labctl (qemu:///embed?root=FOLDER).
#pragma once

#include <filesystem>
#include <string>

#include "support/result.hpp"

namespace labctl {

// What the host has that the driver would use if it were not told otherwise.
struct HostServices {
  bool confinement = false;  // AppArmor or SELinux
  bool systemd = false;      // which gives each machine a control group
  bool root = false;         // whether labctl runs as root
};
HostServices look_at_services();

// Pure: etc/qemu.conf for such a host.
std::string embedded_qemu_conf(const HostServices& services);

// Makes the folder, only for its owner, and etc/qemu.conf in it unless it is there: then it is its owner's to change.
Status prepare_embedded_root(const std::filesystem::path& root);

}  // namespace labctl
