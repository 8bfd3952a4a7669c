#include "build_stage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "image/program.hpp"
#include "kernel_needs.hpp"
#include "kmod/exported_symbols.hpp"
#include "module_sources.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

BuildResult not_built(const std::string& module, const Error& error) {
  BuildResult built;
  built.module = module;
  built.message = error.message;
  built.output = error.hint;
  return built;
}

// One module, which may use the symbols of others that were built before it.
Result<BuildResult> build_one(const Kernel& kernel, ModuleSource source, const SymbolNames& names,
                              const std::vector<std::size_t>& used, const std::vector<BuildResult>& built,
                              const ModuleBuildOptions& options, const RunnerParts& parts) {
  std::string symvers;
  for (const std::size_t other : used) {
    // Without its symbols this one would be blamed for what is not its fault.
    if (!built[other].module.empty() && !built[other].succeeded)
      return not_built(source.module,
                       {Fault::module, fmt::format("it uses {}, which did not build", built[other].module), ""});
    symvers += built[other].symbols;
  }
  source.symbols = symbols_used(names, symvers);
  return build_module(parts.cache, kernel, source, options, parts.stop);
}

// Whether a test of the lab expects that the module does not build.
bool meant_to_fail(const Lab& lab, const std::string& module) {
  const auto expects_it = [&module](const Step& step) {
    const auto* build = std::get_if<BuildStep>(&step.action);
    return build != nullptr && build->module == module && !build->error.empty();
  };
  return std::any_of(lab.tests.begin(), lab.tests.end(), [&expects_it](const Test& test) {
    return std::any_of(test.steps.begin(), test.steps.end(), expects_it);
  });
}

}  // namespace

Status build_modules(const Lab& lab, const RunOptions& options, const RunnerParts& parts, Bench& bench) {
  ModuleBuildOptions build;
  build.sandbox = options.sandbox;
  build.limits = options.limits;
  build.hidden = parts.hidden;
  build.hidden.push_back(lab.file.parent_path());
  for (const auto& module : lab.modules)
    if (!module.tree.empty()) build.hidden.push_back(tree_path(lab, module));

  ModuleSources found(lab, options.module, options.limits, parts.find_module);
  std::vector<ModuleSource> sources(lab.modules.size());
  std::vector<BuildResult> built(lab.modules.size());  // without a name until it is known how it went
  for (std::size_t i = 0; i < lab.modules.size(); ++i) {
    auto source = found.of(i);
    if (!source && source.error().fault != Fault::module) return fail(source.error());
    if (source) {
      sources[i] = std::move(*source);
    } else {
      built[i] = not_built(lab.modules[i].name, source.error());
    }
  }
  std::vector<SymbolNames> names;
  for (const auto& source : sources)
    names.push_back(symbol_names(source));
  const auto used = used_modules(names);
  for (const std::size_t i : build_order(used)) {
    if (!built[i].module.empty()) continue;
    ModuleBuildOptions asked = build;
    ask_what_is_judged(lab, lab.modules[i].name, asked);
    auto made = build_one(bench.kernel, sources[i], names[i], used[i], built, asked, parts);
    if (!made) return fail(made.error());
    built[i] = std::move(*made);
  }

  for (auto& module : built) {
    module.flavour = bench.kernel.identity.flavour;
    module.meant_to_fail = meant_to_fail(lab, module.module);
    if (!module.output.empty())
      if (auto kept = write_file(bench.folder / fmt::format("build-{}.log", module.module), module.output); !kept)
        return kept;
    if (module.succeeded) {
      auto bytes = read_file(module.ko);
      if (!bytes) return fail(bytes.error());
      bench.files.push_back({"/lab/modules/" + module.module + ".ko", std::move(*bytes), false});
    } else if (bench.unbuilt.empty()) {
      bench.unbuilt = module.module;
    }
  }
  bench.builds = std::move(built);
  return {};
}

Result<Bench> open_bench(const Lab& lab, const std::string& flavour, const RunOptions& options,
                         const RunnerParts& parts, const fs::path& folder) {
  const auto suits = [&](const std::string& version) {
    return (lab.kernel.min_version.empty() || compare_versions(version, lab.kernel.min_version) >= 0) &&
           (lab.kernel.max_version.empty() || compare_versions(version, lab.kernel.max_version) <= 0);
  };
  auto kernel = parts.kernels.obtain(options.kernel, flavour, suits);
  if (kernel) kernel = parts.kernels.with_options(*kernel, options_needed(lab));
  if (!kernel) return fail(kernel.error());
  Bench bench;
  bench.kernel = std::move(*kernel);
  bench.folder = folder;
  const fs::path config = bench.kernel.config();
  std::error_code error;
  fs::copy_file(config, folder / "kernel.config", fs::copy_options::overwrite_existing, error);
  if (error) return fail(Fault::harness, fmt::format("cannot copy {}: {}", config.string(), error.message()));
  return bench;
}

Status build_programs(const Lab& lab, const RunOptions& options, const RunnerParts& parts, Benches& benches) {
  const ProgramBuildOptions build{options.sandbox, options.limits, parts.hidden};
  for (const auto& program : lab.programs) {
    auto bytes = build_program(parts.cache, program, lab.file.parent_path(), build, parts.stop);
    if (!bytes) return fail(bytes.error());
    for (auto& [flavour, bench] : benches)
      bench.files.push_back({"/lab/bin/" + program.name, *bytes, true});
  }
  return {};
}

}  // namespace labctl
