// The MachineDriver of a libvirt host. Inside virt/ only.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "connection.hpp"
#include "support/limits.hpp"
#include "support/stop.hpp"
#include "undertaker.hpp"
#include "virt/domain_xml.hpp"
#include "vm/machine.hpp"
#include "volumes.hpp"

namespace labctl {

// What all drivers of one host share. It outlives them and their machines.
struct HostParts {
  std::shared_ptr<Connection> connection;
  std::unique_ptr<Volumes> volumes;  // null: machines read this user's files
  HostAbilities abilities;
  int tsc_khz = 0;
  std::filesystem::path sockets;    // the folder of consoles, where there are no volumes
  std::filesystem::path qemu_logs;  // of what QEMU says; empty: it cannot be read from here
  Owner owner;
  StopToken stop;
  std::atomic<int> machines = 0;  // that were started, for their names
  Undertaker undertaker;          // last: what it does needs all the others
};

std::unique_ptr<MachineDriver> make_libvirt_driver(HostParts& host, const Limits& limits);

}  // namespace labctl
