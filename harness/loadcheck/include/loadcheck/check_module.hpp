// A module's file against a kernel.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "loadcheck/findings.hpp"
#include "symbols/code_symbols.hpp"

namespace labctl {

struct CheckedModule {
  ModuleFile module;  // empty where the file is no module at all
  std::vector<Finding> findings;
};

// Fault::usage when there is no such file. Whatever is in it is no error.
Result<CheckedModule> check_module(const std::filesystem::path& ko, const LoadingKernel& kernel,
                                   const OtherModules& others = {});

// Says of each finding about a symbol where the object file's code uses it, where its debug information tells. shown:
// the place as its reader knows it.
void find_uses(std::vector<Finding>& findings, const std::filesystem::path& object,
               const std::function<std::string(const SourcePlace&)>& shown);

}  // namespace labctl
