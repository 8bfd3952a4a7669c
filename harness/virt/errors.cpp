#include "errors.hpp"

#include <fmt/format.h>

#include "support/text.hpp"

namespace labctl {

namespace {

bool says(std::string_view message, std::string_view words) {
  return message.find(words) != std::string_view::npos;
}

// A command on the host that the URI names.
std::string there(const LibvirtUri& uri, const std::string& command) {
  return uri.host.empty() ? command : fmt::format("on {}: {}", uri.host, command);
}

std::string without_driver(const LibvirtUri& uri) {
  // As root it looks up a user that comes with the daemon's package, though it does not start the daemon.
  return there(uri, uri.is_embedded() ? "apt-get install libvirt-daemon-driver-qemu; as root libvirt-daemon-system too"
                                      : "apt-get install libvirt-daemon-system qemu-system-x86");
}

}  // namespace

std::string libvirt_hint(int code, int domain, std::string_view message, const LibvirtUri& uri) {
  if (code == VIR_ERR_NO_STORAGE_POOL)
    return fmt::format(
        "make one: virsh -c '{0}' pool-define-as labctl dir --target /var/lib/libvirt/labctl && virsh -c '{0}' "
        "pool-build labctl && virsh -c '{0}' pool-start labctl",
        uri.text);
  if (code == VIR_ERR_AUTH_FAILED || code == VIR_ERR_AUTH_CANCELLED || code == VIR_ERR_AUTH_UNAVAILABLE ||
      code == VIR_ERR_ACCESS_DENIED || says(message, "Permission denied"))
    return uri.is_embedded() ? fmt::format("{} must be yours to write to", uri.root.string())
                             : there(uri, "adduser YOU libvirt, then log in again");
  if (code == VIR_ERR_UNKNOWN_HOST || says(message, "Cannot recv data") || says(message, "Host key verification"))
    return uri.host.empty() ? fmt::format("labctl doctor --connect '{}'", uri.text)
                            : fmt::format("check that this works without a question: ssh {} virsh list", uri.host);
  if (says(message, "Failed to acquire pid file"))
    return "another labctl works in this folder: wait for it, or give this one a folder of its own with root=";
  if (says(message, "'libvirt-qemu'") || says(message, "user 'libvirt")) return "apt-get install libvirt-daemon-system";
  if (code == VIR_ERR_NO_CONNECT || says(message, "no connection driver") || says(message, "libvirt_driver_qemu.so"))
    return without_driver(uri);
  if (says(message, "Failed to connect socket"))
    return there(uri, uri.path == "/session" ? "apt-get install libvirt-daemon, whose libvirtd is started by itself"
                                             : "systemctl start libvirtd; where it is missing: apt-get install "
                                               "libvirt-daemon-system");
  if (says(message, "client socket is closed") || says(message, "End of file while reading data") ||
      says(message, "Broken pipe") || says(message, "connection closed due to keepalive") ||
      says(message, "Connection reset") || (code == VIR_ERR_INTERNAL_ERROR && domain == VIR_FROM_RPC))
    return there(uri,
                 "see whether its daemon runs: systemctl status libvirtd; then run again, which also removes "
                 "what is left");
  return fmt::format("labctl doctor --connect '{}'", uri.text);
}

Error libvirt_error(const LibvirtApi& api, const std::string& what, const LibvirtUri& uri) {
  const virError* last = api.virGetLastError();
  if (last == nullptr || last->code == VIR_ERR_OK || last->message == nullptr)
    return Error{Fault::harness, what, libvirt_hint(VIR_ERR_OK, VIR_FROM_NONE, "", uri)};
  return Error{Fault::harness, fmt::format("{}: {}", what, printable(last->message)),
               libvirt_hint(last->code, last->domain, last->message, uri)};
}

int libvirt_error_code(const LibvirtApi& api) {
  const virError* last = api.virGetLastError();
  return last == nullptr ? VIR_ERR_OK : last->code;
}

}  // namespace labctl
