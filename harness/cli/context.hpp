// What every command is given. Made once, in run_cli().
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "image/image.hpp"
#include "kernel/kernel_store.hpp"
#include "model/lab.hpp"
#include "runner/lab_runner.hpp"
#include "support/cache.hpp"
#include "support/progress.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

// Where labctl's own files are: in the source tree that it was built in, or under the prefix it is installed to.
struct DataPaths {
  std::filesystem::path labs;
  std::filesystem::path modules;
  std::filesystem::path kernel_config;
  std::filesystem::path overlay;  // the guest's files
  std::filesystem::path agent;
  std::filesystem::path schema;  // of lab.yaml, for editors
  std::filesystem::path explanations;
};

// Looks upwards from the program's own place. Fault::harness when it finds nothing.
Result<DataPaths> find_data_paths();

// $XDG_CACHE_HOME/labctl, or ~/.cache/labctl.
Result<std::filesystem::path> cache_folder();
// $XDG_CONFIG_HOME/labctl, or ~/.config/labctl.
Result<std::filesystem::path> config_folder();
// $XDG_STATE_HOME/labctl/runs, or ~/.local/state/labctl/runs.
Result<std::filesystem::path> runs_folder();

struct Terminal {
  bool color_out = false;     // stdout is a terminal and NO_COLOR is not set
  bool terminal_err = false;  // progress is drawn as a bar
};
Terminal look_at_terminal();

struct Context {
  StopToken stop;
  Progress& progress;
  Terminal terminal;

  // Each says what is wrong and what to do about it.
  Result<Cache> open_cache() const;
  Result<KernelStore> open_kernels(const Cache& cache, int jobs = 0) const;
  Result<InitramfsSources> initramfs_sources() const;
  // For workers. This and cache must outlive it.
  KernelStoreOpener store_opener(const Cache& cache) const;
};

// "hello-lkm" in the labs folder, or a path to a lab's folder or its lab.yaml. Fault::usage with the nearest name.
Result<std::filesystem::path> find_lab(const std::string& name, const std::filesystem::path& labs);
std::vector<std::string> lab_names(const std::filesystem::path& labs);
// A module of a lab: beside the lab (modules/NAME), beside the labs folder (../modules/NAME), or among labctl's own.
Result<std::filesystem::path> find_module_folder(const Lab& lab, const std::string& module, const DataPaths& data);
// Where the texts that explain kernel reports are: labctl's own, then those beside the labs folder (../explanations),
// then those beside the lab (explanations/). Only folders that exist; each takes precedence over those before it.
std::vector<std::filesystem::path> explanation_folders(const Lab& lab, const DataPaths& data);

void print_error(const Error& error);

}  // namespace labctl
