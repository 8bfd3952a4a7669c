#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "commands.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

struct KernelArguments {
  std::string name;
  std::string flavour = "release";
  std::string source;
  std::vector<std::string> options;
  int jobs = 0;
};

using KernelAction = std::function<Result<ExitCode>(KernelStore&, const KernelArguments&)>;

Result<ExitCode> list(KernelStore& kernels, const KernelArguments&) {
  fmt::print("{:<12} {:<8} {:<12} {}\n", "NAME", "FLAVOUR", "BUILT", "SOURCE");
  for (const auto& kernel : kernels.list())
    fmt::print("{:<12} {:<8} {:<12} {}{}\n", kernel.name + (kernel.is_default ? " *" : ""), kernel.flavour,
               kernel.built ? kernel.built->identity.release : "-", printable(kernel.description),
               kernel.options.empty() ? "" : ", with " + join(kernel.options, ", "));
  fmt::print("* the default; build one with: labctl kernel build NAME\n");
  return ExitCode::passed;
}

Result<ExitCode> fetch(KernelStore& kernels, const KernelArguments& arguments) {
  auto source = kernels.fetch(arguments.name);
  if (!source) return fail(source.error());
  fmt::print("{}\n", source->string());
  return ExitCode::passed;
}

Result<ExitCode> build(KernelStore& kernels, const KernelArguments& arguments) {
  std::optional<fs::path> source;
  if (!arguments.source.empty()) source = arguments.source;
  auto kernel = kernels.build(arguments.name, arguments.flavour, source);
  if (kernel && !arguments.options.empty()) kernel = kernels.with_options(*kernel, arguments.options);
  if (!kernel) return fail(kernel.error());
  fmt::print("kernel {} is {} ({}): {}\n", arguments.name, kernel->identity.release, kernel->identity.flavour,
             kernel->folder.string());
  return ExitCode::passed;
}

Result<ExitCode> config(KernelStore& kernels, const KernelArguments& arguments) {
  auto text = kernels.requested_config(arguments.name, arguments.flavour);
  if (!text) return fail(text.error());
  fmt::print("{}", *text);
  return ExitCode::passed;
}

Result<ExitCode> path(KernelStore& kernels, const KernelArguments& arguments) {
  const auto kernel = kernels.find(arguments.name, arguments.flavour);
  if (!kernel)
    return fail(Fault::usage, fmt::format("kernel {} ({}) is not built", arguments.name, arguments.flavour),
                fmt::format("labctl kernel build {} --flavour {}", arguments.name, arguments.flavour));
  fmt::print("{}\n", kernel->folder.string());
  return ExitCode::passed;
}

}  // namespace

std::vector<RegisteredCommand> add_kernel(CLI::App& parent) {
  auto* kernel = parent.add_subcommand("kernel", "Get, configure and build kernels");
  kernel->require_subcommand(1);
  auto arguments = std::make_shared<KernelArguments>();
  std::vector<RegisteredCommand> commands;
  const auto add = [&](const char* name, const char* what, KernelAction action) {
    auto* app = kernel->add_subcommand(name, what);
    commands.push_back({app, [arguments, action](Context& context) -> Result<ExitCode> {
                          auto cache = context.open_cache();
                          if (!cache) return fail(cache.error());
                          auto kernels = context.open_kernels(*cache, arguments->jobs);
                          if (!kernels) return fail(kernels.error());
                          return action(*kernels, *arguments);
                        }});
    return app;
  };
  const auto add_name = [&](CLI::App* app) {
    app->add_option("NAME", arguments->name, "a kernel by name, see `labctl kernel list`")->required();
  };
  const auto add_flavour = [&](CLI::App* app) {
    app->add_option("--flavour", arguments->flavour, "release (default), or debug with every checker")
        ->check(CLI::IsMember({"release", "debug"}));
  };
  add("list", "The kernels that labctl knows, and which are built", list);
  add_name(add("fetch", "Get a kernel's source and verify it", fetch));
  auto* build_app = add("build", "Build a kernel, or find it built", build);
  add_name(build_app);
  add_flavour(build_app);
  build_app->add_option("--source", arguments->source,
                        "a kernel tree or tarball: what NAME means from now on; \"catalogue\" for kernels.yaml's");
  build_app
      ->add_option("--config", arguments->options,
                   "options that it must have besides, as labs name them: VETH,LOG_BUF_SHIFT=18")
      ->delimiter(',');
  build_app->add_option("-j,--jobs", arguments->jobs, "compilers at once (default: cores + 1)")
      ->check(CLI::Range(1, 1024));
  auto* config_app = add("config", "The options that labctl asks of a kernel", config);
  add_name(config_app);
  add_flavour(config_app);
  auto* path_app = add("path", "Where a built kernel is", path);
  add_name(path_app);
  add_flavour(path_app);
  return commands;
}

}  // namespace labctl
