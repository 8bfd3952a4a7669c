// Saved machines in the cache: each kind of machine is booted once, saved, and restored for every test from then on.
#pragma once

#include <filesystem>
#include <mutex>
#include <set>
#include <string>

#include "support/cache.hpp"
#include "support/limits.hpp"
#include "support/progress.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"
#include "vm/machine.hpp"
#include "vm/machine_host.hpp"

namespace labctl {

class SnapshotStore {
 public:
  SnapshotStore(const Cache& cache, const MachineHost& host, MachineDriver& driver, Limits limits, Progress& progress,
                StopToken stop)
      : cache_(cache), host_(host), driver_(driver), limits_(limits), progress_(progress), stop_(stop) {}

  // What to restore for such a machine, booted and saved now if it is not there. files: what tells the content of its
  // kernel and initramfs. Use::none where the host does not save machines and, with a note, where saving fails. The
  // only error is Fault::interrupted.
  Result<Snapshot> obtain(const MachineSpec& machine, const std::string& files);

  // A restored machine did not come up: its snapshot is removed, and the user told, once. Any thread.
  void discard(const Snapshot& snapshot, const Error& why);

 private:
  Status make(MachineSpec machine, const std::filesystem::path& folder) const;
  void evict(const std::string& keep) const;

  const Cache& cache_;
  const MachineHost& host_;
  MachineDriver& driver_;
  Limits limits_;
  Progress& progress_;
  StopToken stop_;
  std::mutex mutex_;
  std::set<std::filesystem::path> discarded_;
};

}  // namespace labctl
