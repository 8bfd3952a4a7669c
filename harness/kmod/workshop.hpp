// Everything that is needed to compile in one folder, and how programs run there. Inside kmod/ only.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernel/kernel.hpp"
#include "kmod/module_builder.hpp"
#include "kmod/module_source.hpp"
#include "process/process.hpp"
#include "support/cache.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

struct Workshop {
  const Cache& cache;
  const Kernel& kernel;
  const ModuleBuildOptions& options;
  StopToken stop;
  std::filesystem::path build;  // on the host

  bool sandboxed_build() const { return options.sandbox == Sandbox::on; }
  // As the programs see them: the kernel's folder, the build folder, and the module's own in it.
  std::string tree() const;
  std::string folder() const;
  std::string module_folder(const ModuleSource& source) const;
};

// cwd: as the program sees it.
Result<ProcessOutcome> run_in(const Workshop& shop, const std::vector<std::string>& command, const std::string& cwd);

// make for a module that has been written to the folder. more: make's options and variables.
Result<ProcessOutcome> run_kbuild(const Workshop& shop, const ModuleSource& source,
                                  const std::vector<std::string>& more);

}  // namespace labctl
