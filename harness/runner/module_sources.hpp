// Where the sources of a lab's modules come from, and what the lab wants to know of their builds. Inside runner/ only.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "kmod/module_builder.hpp"
#include "kmod/module_source.hpp"
#include "model/lab.hpp"
#include "runner/lab_runner.hpp"

namespace labctl {

class ModuleSources {
 public:
  ModuleSources(const Lab& lab, const RunOptions& options, const RunnerParts& parts)
      : lab_(lab), options_(options), parts_(parts) {}

  // Of lab.modules[index]; of the first the user's own, where there are any. Fault::module only for these.
  Result<ModuleSource> of(std::size_t index);

 private:
  using Tree = std::shared_ptr<const SourceTree>;
  Result<Tree> tree_of(const ModuleSpec& module);
  Result<ModuleSource> collect(std::size_t index);

  const Lab& lab_;
  const RunOptions& options_;
  const RunnerParts& parts_;
  std::map<std::filesystem::path, Tree> trees_;  // each is read once
};

// Where a module's tree is on the host.
std::filesystem::path tree_path(const Lab& lab, const ModuleSpec& module);

// Sets what the lab's build steps look at in this module beside the .ko.
void ask_what_is_judged(const Lab& lab, const std::string& module, ModuleBuildOptions& build);

}  // namespace labctl
