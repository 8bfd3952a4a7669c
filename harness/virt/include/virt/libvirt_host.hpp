// A host that libvirt manages, as a place to run machines: https://libvirt.org. The library is loaded when it is first
// needed; nothing of it is linked.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/cache.hpp"
#include "support/progress.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"
#include "virt/domain_xml.hpp"
#include "virt/uri.hpp"
#include "vm/machine_host.hpp"

namespace labctl {

class LibvirtHost : public MachineHost {
 public:
  // What is left of ended machines is ended, which takes a second or two: after the verdict was told.
  ~LibvirtHost() override = default;

  virtual const LibvirtUri& uri() const = 0;
  virtual const HostAbilities& abilities() const = 0;
  // Of libvirt and QEMU, on the host: "libvirt 9.0.0, QEMU 7.2.22".
  virtual std::string versions() const = 0;
  // The storage pool through which files get there; empty where machines read this user's files.
  virtual std::string pool() const = 0;
  // Machines of labctl whose process nobody here can ask about, because it ran on another machine or in another
  // container: their names.
  virtual std::vector<std::string> strange_machines() const = 0;
};

// Connects, and removes machines and disks that processes of this machine have left there. uri: empty for libvirt's own
// default. An embedded driver's folder is prepared. stop: ends copying of files. Errors: Fault::usage for a bad URI;
// Fault::harness, with libvirt's own words and what mends it.
Result<std::unique_ptr<LibvirtHost>> open_libvirt_host(const std::string& uri, const Cache& cache, Progress& progress,
                                                       StopToken stop);

struct PrunedVolumes {
  std::string pool;  // empty: machines of this URI read this user's files, and nothing is copied
  std::size_t volumes = 0;
  std::uint64_t bytes = 0;
};

// Removes copies of kernels and the like that no machine has read for that time from the host's storage pool.
Result<PrunedVolumes> prune_libvirt_volumes(const std::string& uri, std::chrono::hours unused);

}  // namespace labctl
