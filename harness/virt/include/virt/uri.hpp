// Connection URIs of libvirt (https://libvirt.org/uri.html), as far as labctl must understand them.
#pragma once

#include <filesystem>
#include <string>

#include "support/result.hpp"

namespace labctl {

struct LibvirtUri {
  std::string text;
  std::string driver;          // "qemu", "test"
  std::string host;            // of another machine; empty: this one
  std::string path;            // "/embed", "/session", "/system"
  std::filesystem::path root;  // of an embedded driver: the folder that it works in; else empty

  bool is_embedded() const { return path == "/embed"; }
  // Whether its machines run as this user on this machine, and so can read what this user can.
  bool is_this_user() const { return host.empty() && (is_embedded() || path == "/session"); }
};

// Fault::usage for what is no URI of a driver that labctl can use: qemu, or test in tests.
Result<LibvirtUri> parse_libvirt_uri(const std::string& text);

}  // namespace labctl
