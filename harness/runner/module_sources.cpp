#include "module_sources.hpp"

#include <fmt/format.h>

#include <variant>

namespace labctl {

namespace fs = std::filesystem;

fs::path tree_path(const Lab& lab, const ModuleSpec& module) {
  return (fs::absolute(lab.file).parent_path() / module.tree).lexically_normal();
}

Result<ModuleSources::Tree> ModuleSources::tree_of(const ModuleSpec& module) {
  const fs::path root = tree_path(lab_, module);
  auto& tree = trees_[root];
  if (!tree) {
    auto read = read_tree(root, limits_);
    if (!read) return fail(read.error());
    tree = std::make_shared<const SourceTree>(std::move(*read));
  }
  return tree;
}

Result<ModuleSource> ModuleSources::of(std::size_t index) {
  auto source = collect(index);
  const bool of_user = index == 0 && own_;
  if (source || of_user || source.error().fault != Fault::usage) return source;
  // Such an error is one of the spec.
  Error error = source.error();
  const SourceLocation& where = lab_.modules[index].where;
  if (!error.message.starts_with(lab_.file.string()))
    error.message = fmt::format("{}:{}:{}: {}", lab_.file.string(), where.line, where.column, error.message);
  return fail(error);
}

Result<ModuleSource> ModuleSources::collect(std::size_t index) {
  const ModuleSpec& module = lab_.modules[index];
  const bool replaced = index == 0 && own_;
  Tree tree;
  if (!module.tree.empty()) {
    auto read = tree_of(module);
    if (!read) return fail(read.error());
    tree = *read;
  }
  if (!replaced && tree) return collect_from_tree(module, tree);
  if (!replaced) {
    auto folder = find_module_(lab_, module.name);
    if (!folder) return fail(folder.error());
    return collect_sources(module, *folder, false);
  }
  const std::string only = module.name + ".c";
  if (tree && module.own_makefile && module.sources == std::vector<std::string>{only} &&
      tree->find(tree->resolved(path_in_tree(module.folder, only))) == nullptr)
    return fail(Fault::usage, fmt::format("what a submission of module {} consists of is not known", module.name),
                "name its \"sources\": its own makefile is not used for a submission");
  std::error_code ignored;
  auto own =
      fs::is_regular_file(*own_, ignored) ? collect_single_file(module, *own_) : collect_sources(module, *own_, true);
  return own && tree ? place_in_tree(std::move(*own), module, *tree) : own;
}

Result<ModuleSource> reference_source(const Lab& lab, const Limits& limits, const ModuleFinder& find_module) {
  return ModuleSources(lab, std::nullopt, limits, find_module).of(0);
}

std::vector<Error> source_errors(const Lab& lab, const Limits& limits, const ModuleFinder& find_module) {
  ModuleSources sources(lab, std::nullopt, limits, find_module);
  std::vector<Error> errors;
  for (std::size_t i = 0; i < lab.modules.size(); ++i) {
    const ModuleSpec& module = lab.modules[i];
    if (module.tree.empty() && module.replace.empty()) continue;
    if (const auto source = sources.of(i); !source) errors.push_back(source.error());
  }
  return errors;
}

void ask_what_is_judged(const Lab& lab, const std::string& module, ModuleBuildOptions& build) {
  for (const auto& test : lab.tests)
    for (const auto& step : test.steps) {
      const auto* judged = std::get_if<BuildStep>(&step.action);
      if (judged == nullptr || judged->module != module) continue;
      build.inspect = true;
      build.sparse = build.sparse || judged->max_sparse;
      build.checkpatch = build.checkpatch || judged->max_checkpatch;
    }
}

}  // namespace labctl
