// One module compiled in one folder: by kbuild, or by the commands that kbuild would run.
#pragma once

#include <filesystem>
#include <string>

#include "kernel/kernel.hpp"
#include "kmod/module_builder.hpp"
#include "kmod/module_source.hpp"
#include "support/cache.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

struct CompileOutcome {
  bool succeeded = false;
  std::string output;   // as it is kept: see kept_messages()
  std::string message;  // one readable line when it failed
};

// Which one a program of the host is, as part of a key.
std::string program_stamp(const std::string& name);

// Writes the sources to `build`, an empty folder, and leaves MODULE.ko in the module's folder there. A module that does
// not compile is an outcome, not an error. Learns kbuild's commands when they are not known yet; whatever does not
// succeed with them is left to kbuild, so that its word is the last on every failure. Fault::usage when a folder's own
// makefile makes no such module.
Result<CompileOutcome> compile_module(const Cache& cache, const Kernel& kernel, const ModuleSource& source,
                                      const std::filesystem::path& build, const ModuleBuildOptions& options,
                                      StopToken stop);

// The smallest module there is, built by kbuild in a folder of its own. What fails with it, too, is not the fault of
// another module.
struct Control {
  TempDir folder;
  ModuleSource source;
  CompileOutcome outcome;
  std::filesystem::path build() const { return folder.path() / "build"; }
};
Result<Control> build_control(const Cache& cache, const Kernel& kernel, const ModuleBuildOptions& options,
                              StopToken stop);

}  // namespace labctl
