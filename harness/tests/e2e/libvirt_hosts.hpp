// libvirt hosts for tests: none of them is the user's own.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "driver.hpp"
#include "process/process.hpp"
#include "support/fd.hpp"
#include "temporary_folder.hpp"

namespace labctl::e2e {

// Why there can be no libvirt host here; empty where there can be.
std::string missing_libvirt();

// The URI of an embedded driver in that folder, which must exist. What it finds out about QEMU is shared by all tests.
std::string embedded_uri(const std::filesystem::path& root);

// A libvirtd that a test starts, with its own configuration, sockets and state. As root it is a system daemon, in a
// mount namespace of its own, with a storage pool "labctl"; otherwise a session daemon.
class OwnLibvirtd {
 public:
  OwnLibvirtd();
  // Its machines do not outlive it.
  ~OwnLibvirtd();

  const std::string& uri() const { return uri_; }
  // Ends it at once, and leaves its machines to themselves; start() takes them up again.
  void kill();
  // It takes part in nothing any more, but its sockets stay open.
  void suspend();
  // Returns once it takes connections.
  void start();

  // What virsh says.
  std::string virsh(const std::vector<std::string>& arguments) const;
  // Names of its machines, running or not; empty where there are none.
  std::string machines() const;

 private:
  ProcessSpec command() const;
  pid_t daemon() const;  // its own, not that of what is around it
  std::filesystem::path at(const std::string& below) const { return folder_.path() / below; }

  const test::TemporaryFolder folder_;
  std::string uri_;
  std::optional<Child> child_;
};

// QEMU processes whose command line or environment has that text in it.
std::vector<pid_t> qemus_mentioning(const std::string& text);

}  // namespace labctl::e2e
