#include "embedded_root.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "support/files.hpp"

namespace labctl {

namespace fs = std::filesystem;

HostServices look_at_services() {
  std::error_code ignored;
  const auto enabled = read_file("/sys/module/apparmor/parameters/enabled");
  HostServices services;
  services.confinement = (enabled && enabled->starts_with('Y')) || fs::exists("/sys/fs/selinux/enforce", ignored);
  services.systemd = fs::exists("/run/systemd/system", ignored);
  services.root = ::geteuid() == 0;
  return services;
}

std::string embedded_qemu_conf(const HostServices& services) {
  std::string conf =
      "# Made by labctl, which leaves it alone once it is there. What each line means is told in libvirt's own\n"
      "# qemu.conf. QEMU's own sandbox (seccomp) is on by default.\n"
      "stdio_handler = \"file\"\n"  // there is no virtlogd
      "remember_owner = 0\n";
  if (!services.confinement) conf += "security_driver = \"none\"\n";
  if (!services.systemd || !services.root) conf += "cgroup_controllers = [ ]\n";
  if (services.root)
    // The files that machines start from are in root's own cache.
    conf += "user = \"root\"\ngroup = \"root\"\ndynamic_ownership = 0\nnamespaces = [ ]\n";
  return conf;
}

Status prepare_embedded_root(const fs::path& root) {
  std::error_code error;
  const bool fresh = fs::create_directories(root, error);
  if (error) return system_error("cannot create", root, error.value());
  if (fresh) fs::permissions(root, fs::perms::owner_all, error);
  const fs::path conf = root / "etc" / "qemu.conf";
  if (fs::exists(conf, error)) return {};
  return write_file(conf, embedded_qemu_conf(look_at_services()));
}

}  // namespace labctl
