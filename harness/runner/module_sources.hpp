// Where the sources of a lab's modules come from, and what the lab wants to know of their builds. Inside runner/ only.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "kmod/module_builder.hpp"
#include "kmod/module_source.hpp"
#include "model/lab.hpp"
#include "runner/lab_runner.hpp"

namespace labctl {

class ModuleSources {
 public:
  // own: the user's sources for the first module.
  ModuleSources(const Lab& lab, std::optional<std::filesystem::path> own, const Limits& limits,
                const ModuleFinder& find_module)
      : lab_(lab), own_(std::move(own)), limits_(limits), find_module_(find_module) {}

  // Of lab.modules[index]; of the first the user's own, where there are any. Fault::module only for these.
  Result<ModuleSource> of(std::size_t index);

 private:
  using Tree = std::shared_ptr<const SourceTree>;
  Result<Tree> tree_of(const ModuleSpec& module);
  Result<ModuleSource> collect(std::size_t index);

  const Lab& lab_;
  const std::optional<std::filesystem::path> own_;
  const Limits& limits_;
  const ModuleFinder& find_module_;
  std::map<std::filesystem::path, Tree> trees_;  // each is read once
};

// Where a module's tree is on the host.
std::filesystem::path tree_path(const Lab& lab, const ModuleSpec& module);

// Sets what the lab's build steps look at in this module beside the .ko.
void ask_what_is_judged(const Lab& lab, const std::string& module, ModuleBuildOptions& build);

}  // namespace labctl
