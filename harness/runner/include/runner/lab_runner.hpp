// A lab from its spec to its verdict: kernel, modules, machines, checks.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "image/image.hpp"
#include "kernel/kernel_store.hpp"
#include "kmod/module_builder.hpp"
#include "kmod/module_source.hpp"
#include "model/result.hpp"
#include "runner/accelerator.hpp"
#include "support/cache.hpp"
#include "support/limits.hpp"
#include "support/progress.hpp"
#include "support/stop.hpp"

namespace labctl {

struct RunOptions {
  std::string kernel;                           // empty: the default, with fallback
  std::string flavour;                          // empty: the lab's and its tests', else release
  std::optional<std::filesystem::path> module;  // the user's own sources for the lab's first module
  AcceleratorMode accelerator = AcceleratorMode::automatic;
  std::filesystem::path kvm_device = "/dev/kvm";
  Sandbox sandbox = Sandbox::on;
  int jobs = 0;             // machines at once; 0: as many as cores and free memory allow
  bool cold = false;        // boot every machine instead of restoring a saved one
  std::string seed;         // of the tests' values and the guests' random pools
  bool debug_rerun = true;  // what crashes or hangs in a release kernel is done once more in a debug one that is built
  bool stop_at_failure = false;  // do no further test once one did not pass; for one machine at a time
  int run = 0;                   // of each test only the run of this number; 0: all
  Limits limits;
};

// Finds the folder of one of the lab's modules.
using ModuleFinder = std::function<Result<std::filesystem::path>(const Lab& lab, const std::string& module)>;

struct RunnerParts {
  const Cache& cache;
  KernelStore& kernels;
  InitramfsSources initramfs;
  ModuleFinder find_module;
  std::vector<std::filesystem::path> hidden;  // from module builds: labs and reference modules
  Progress& progress;
  StopToken stop;
  MachineHost* host = nullptr;  // where machines run; null: this machine
};

// Gives each of several workers a kernel store of its own.
using KernelStoreOpener = std::function<Result<KernelStore>(Progress& progress)>;

// Runs one lab. folder is the lab's part of the run folder and must exist. What goes wrong on the harness's side is
// in LabResult::error or in a test's infrastructure_error; only interruption and usage come back as errors.
Result<LabResult> run_lab(const Lab& lab, const RunOptions& options, const RunnerParts& parts,
                          const std::filesystem::path& folder);

// The lab's own sources of its first module, with the spec's edits made. Fault::usage where there are none.
Result<ModuleSource> reference_source(const Lab& lab, const Limits& limits, const ModuleFinder& find_module);

// What is wrong in what the spec says of source trees, and of edits in sources: an error a module, with its place in
// the spec in front. Nothing is built.
std::vector<Error> source_errors(const Lab& lab, const Limits& limits, const ModuleFinder& find_module);

// Boots a kernel and waits for its agent: the probe behind `--accel auto`, and doctor's.
Status boot_once(const Kernel& kernel, MachineHost& host, Accelerator accelerator, const RunnerParts& parts,
                 const Limits& limits);

// What one machine of a flavour needs.
MachineSpec machine_spec(const Kernel& kernel, const std::filesystem::path& initramfs, Accelerator accelerator,
                         bool kmemleak = false);

}  // namespace labctl
