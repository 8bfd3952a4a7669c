// What is built before a test can be done: a kernel, and the modules for it, in each flavour; programs once.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "guest/session.hpp"
#include "kernel/kernel.hpp"
#include "runner/lab_runner.hpp"

namespace labctl {

// All that the tests of one flavour have in common.
struct Bench {
  Kernel kernel;
  std::filesystem::path folder;     // receives kernel.config and what compilers said
  std::vector<BuildResult> builds;  // of the lab's modules, in the order of its list
  std::vector<GuestFile> files;     // modules and programs; without some where not all modules built
  std::string unbuilt;              // the first module that did not build, for its own fault; empty: all did
};

using Benches = std::map<std::string, Bench>;  // by flavour

// One with a kernel. folder must exist.
Result<Bench> open_bench(const Lab& lab, const std::string& flavour, const RunOptions& options,
                         const RunnerParts& parts, const std::filesystem::path& folder);

// Puts modules on the bench. One that cannot be built for its own fault is no error.
Status build_modules(const Lab& lab, const RunOptions& options, const RunnerParts& parts, Bench& bench);

// Puts the lab's programs on all benches, where the guest's PATH finds them.
Status build_programs(const Lab& lab, const RunOptions& options, const RunnerParts& parts, Benches& benches);

}  // namespace labctl
