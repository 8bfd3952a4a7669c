// The machines that a lab's tests are done in: one kind for each flavour, number of CPUs and whether kmemleak runs,
// saved once where it can be.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "build_stage.hpp"
#include "snapshot_store.hpp"
#include "test_runner.hpp"

namespace labctl {

class Machines {
 public:
  // Finds out how guests can be run here. kernel: to try it with.
  static Result<std::unique_ptr<Machines>> open(const Lab& lab, MachineHost& host, const Kernel& kernel,
                                                const RunOptions& options, const RunnerParts& parts);

  // Has a kind of machine ready. Before the first test is done: it may boot one.
  Status prepare(const Kernel& kernel, const TestRun& run);

  // Whether a kind of machine that was prepared is restored, which takes a moment, and not booted.
  bool restored(const TestRun& run) const;
  // For one run of a test in a kind of machine that was prepared. bench: outlives it. Any thread.
  TestMachine machine(const Bench& bench, const TestRun& run, const std::filesystem::path& folder, std::string seed);

  Accelerator accelerator() const { return accelerator_; }
  // How many of the machines that were prepared can run at once.
  std::size_t at_once() const;
  // A machine that did not come up may have been given damaged files: then says so, and has them made again.
  Status blame_the_cache(const Kernel& kernel) const;

 private:
  Machines(const Lab& lab, const RunOptions& options, const RunnerParts& parts, MachineHost& host,
           std::filesystem::path initramfs, Accelerator accelerator);

  using Kind = std::tuple<std::string, int, bool>;  // flavour, CPUs, kmemleak
  static Kind kind_of(const TestRun& run);

  const Lab& lab_;
  const RunOptions& options_;
  const RunnerParts& parts_;
  const std::filesystem::path initramfs_;
  const Accelerator accelerator_;
  const std::unique_ptr<MachineDriver> driver_;
  const MachineHost& host_;
  SnapshotStore snapshots_;
  std::map<Kind, MachineSpec> kinds_;
};

}  // namespace labctl
