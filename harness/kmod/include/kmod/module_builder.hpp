// Builds a module out of tree against a kernel, in the sandbox, and keeps the result by content.
#pragma once

#include <filesystem>
#include <vector>

#include "kernel/kernel.hpp"
#include "kmod/module_source.hpp"
#include "model/result.hpp"
#include "process/sandbox.hpp"
#include "support/cache.hpp"
#include "support/limits.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

enum class BuildCommands {
  learned,  // kbuild's own, run without it where it is known that they give the same bytes
  kbuild,   // make, always; what the others are compared with
};

struct ModuleBuildOptions {
  Sandbox sandbox = Sandbox::on;
  BuildCommands commands = BuildCommands::learned;
  // Also say which symbols the module takes from elsewhere, and its licence: two more programs to run at each build.
  bool inspect = false;
  // Also say what these find in the module's own sources. Each must be installed then.
  bool sparse = false;
  bool checkpatch = false;
  Limits limits;
  // Host folders that the compiler must not see, beside the cache: reference modules, labs.
  std::vector<std::filesystem::path> hidden;
};

// A module that does not build is a BuildResult, not an error: it is the module's fault, and that is made sure of by
// building a module that is known to be good. Errors are the harness's: no sandbox, no make, a damaged kernel.
Result<BuildResult> build_module(const Cache& cache, const Kernel& kernel, const ModuleSource& source,
                                 const ModuleBuildOptions& options, StopToken stop);

}  // namespace labctl
