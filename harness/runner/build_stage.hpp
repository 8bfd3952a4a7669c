// What is built before a test can be done: a kernel, and the modules for it, in each flavour; programs once.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "guest/session.hpp"
#include "kernel/kernel.hpp"
#include "runner/lab_runner.hpp"

namespace labctl {

// All that the tests of one flavour have in common.
struct Bench {
  Kernel kernel;
  std::vector<BuildResult> builds;  // of the lab's modules, in the order of its list
  std::vector<GuestFile> files;     // modules and programs; without some where not all modules built
  std::string unbuilt;              // the first module that did not build, for its own fault; empty: all did
};

// folder: receives kernel.config and what compilers said; must exist.
Result<Bench> make_bench(const Lab& lab, const std::string& flavour, const RunOptions& options,
                         const RunnerParts& parts, const std::filesystem::path& folder);

// The lab's programs, where the guest's PATH finds them.
Result<std::vector<GuestFile>> build_programs(const Lab& lab, const RunOptions& options, const RunnerParts& parts);

}  // namespace labctl
