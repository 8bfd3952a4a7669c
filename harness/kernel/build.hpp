// From a source and its fragments to the files of a kernel's cache entry.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "compiler.hpp"
#include "kernel/fragments.hpp"
#include "kernel/names.hpp"
#include "support/cache.hpp"
#include "support/progress.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

struct KernelBuild {
  std::string name;
  std::string flavour;
  NamedSource source;
  std::string source_text;  // for people
  std::vector<Fragment> fragments;
  Compiler compiler;
  int jobs = 1;
};

// What `kernel.json` in an entry holds.
struct KernelFacts {
  std::string release;
  std::string flavour;
};

// The build tools are here. Fault::harness, naming what to install.
Status check_build_tools();

// Fills an entry's folder: bzImage, vmlinux, vmlinux.debug, System.map, config, build.log, kernel.json, headers/.
// Fault::usage for a config option that cannot be had; Fault::harness, quoting the compiler and naming a log that is
// kept, when the kernel does not compile.
Status build_kernel(const Cache& cache, const KernelBuild& build, const std::filesystem::path& folder,
                    Progress& progress, StopToken stop);

Result<KernelFacts> read_kernel_facts(const std::filesystem::path& folder);

}  // namespace labctl
