#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "check/check.hpp"
#include "commands.hpp"
#include "loadcheck/check_module.hpp"
#include "report/json_list.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

// Raised when a key changes its meaning or goes away; new keys do not raise it.
constexpr int schema_version = 1;

struct CheckArguments {
  std::string file;
  std::vector<std::string> after;
  std::string kernel;
  std::string flavour = "release";
  bool json = false;
};

Result<Kernel> built_kernel(const KernelStore& kernels, const std::string& asked, const std::string& flavour) {
  std::string name = asked;
  std::vector<std::string> names;
  for (const auto& listing : kernels.list()) {
    if (names.empty() || names.back() != listing.name) names.push_back(listing.name);
    if (asked.empty() && listing.is_default) name = listing.name;
  }
  if (std::find(names.begin(), names.end(), name) == names.end())
    return fail(Fault::usage, fmt::format("there is no kernel {}", labctl::quoted(name)), suggestion(name, names));
  if (auto found = kernels.find(name, flavour)) return *found;
  return fail(Fault::harness, fmt::format("kernel {} ({}) is not built", name, flavour),
              fmt::format("labctl kernel build {} --flavour {}", name, flavour));
}

// What the modules export that are loaded before.
Result<OtherModules> others_of(const std::vector<std::string>& files) {
  OtherModules others;
  for (const auto& file : files) {
    const auto bytes = read_file(file);
    if (!bytes) return fail(Fault::usage, bytes.error().message, "--after takes a .ko");
    auto module = read_module_file(*bytes);
    if (!module) return fail(Fault::usage, fmt::format("{}: {}", file, module.error().what), "--after takes a .ko");
    for (auto& symbol : module->exported)
      others.loaded.push_back(std::move(symbol));
  }
  return others;
}

std::string shown(const SourcePlace& place) {
  return fmt::format("{}:{}", place.file, place.line);
}

Json finding_json(const Finding& finding) {
  return {{"kind", finding_name(finding.kind)},
          {"prevents_load", finding.prevents_load()},
          {"symbol", printable(finding.symbol)},
          {"what", printable(finding.what)},
          {"used_at", printable(finding.used_at)},
          {"hint", printable(finding.hint)},
          {"errno", finding.prevents_load() ? Json(errno_name(finding.error_number)) : Json(nullptr)},
          {"log", printable(finding.log)}};
}

std::string json_text(const CheckArguments& arguments, const Kernel& kernel, const CheckedModule& checked, bool loads) {
  const auto texts = [](const std::vector<std::string>& all) {
    return json_list(all, [](const auto& one) { return printable(one); });
  };
  const auto or_null = [](const std::optional<std::string>& text) {
    return text ? Json(printable(*text)) : Json(nullptr);
  };
  const ModuleFile& module = checked.module;
  const Json json = {
      {"schema_version", schema_version},
      {"file", printable(arguments.file)},
      {"kernel",
       {{"name", kernel.identity.name}, {"release", kernel.identity.release}, {"flavour", kernel.identity.flavour}}},
      {"loads", loads},
      {"module",
       {{"name", printable(module.name)},
        {"version", printable(module.version)},
        {"licence", or_null(module.licence)},
        {"vermagic", or_null(module.vermagic)},
        {"depends", texts(module.depends)},
        {"parameters", texts(module.parameters)}}},
      {"findings", json_list(checked.findings, finding_json)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string plain_text(const CheckArguments& arguments, const Kernel& kernel, const CheckedModule& checked,
                       bool loads) {
  std::string text = fmt::format("{} on Linux {} {}: {}\n", printable(arguments.file), kernel.identity.release,
                                 kernel.identity.flavour,
                                 !loads                     ? "cannot be loaded"
                                 : checked.findings.empty() ? "nothing found"
                                                            : "can be loaded, but");
  for (const Finding& finding : checked.findings) {
    text += fmt::format("  {} {}\n", finding.prevents_load() ? "✗" : "!", finding_text(finding));
    if (finding.prevents_load())
      text += fmt::format(
          "      the load fails with {}{}\n", errno_name(finding.error_number),
          finding.log.empty() ? "" : fmt::format(", and the kernel logs {}", labctl::quoted(finding.log, 400)));
    if (!finding.prevents_load() && !finding.log.empty())
      text += fmt::format("      the kernel logs {}\n", labctl::quoted(finding.log, 400));
    if (!finding.hint.empty()) text += fmt::format("      {}\n", printable(finding.hint));
  }
  return text;
}

Result<ExitCode> check(const CheckArguments& arguments, Context& context) {
  // Before anything else: nobody should build a kernel to be told of a typing error.
  if (auto bytes = read_file(arguments.file); !bytes)
    return fail(Fault::usage, bytes.error().message, "give the path of a built module, NAME.ko");
  auto cache = context.open_cache();
  if (!cache) return fail(cache.error());
  auto kernels = context.open_kernels(*cache);
  if (!kernels) return fail(kernels.error());
  auto kernel = built_kernel(*kernels, arguments.kernel, arguments.flavour);
  if (!kernel) return fail(kernel.error());
  auto others = others_of(arguments.after);
  if (!others) return fail(others.error());
  auto loading = read_loading_kernel(*kernel);
  if (!loading) return fail(loading.error());
  auto checked = check_module(arguments.file, *loading, *others);
  if (!checked) return fail(checked.error());
  find_uses(checked->findings, arguments.file, shown);
  const bool loads = std::none_of(checked->findings.begin(), checked->findings.end(),
                                  [](const Finding& one) { return one.prevents_load(); });
  const auto write = arguments.json ? json_text : plain_text;
  fmt::print("{}", write(arguments, *kernel, *checked, loads));
  return loads ? ExitCode::passed : ExitCode::failed;
}

}  // namespace

std::vector<RegisteredCommand> add_check_module(CLI::App& parent) {
  auto arguments = std::make_shared<CheckArguments>();
  auto* app = parent.add_subcommand("check-module", "Say what would go wrong if a kernel loaded this .ko");
  app->add_option("FILE", arguments->file, "a built module, NAME.ko")->required();
  app->add_option("--after", arguments->after, "another .ko that is loaded before; may be given several times")
      ->allow_extra_args(false);
  app->add_option("-k,--kernel", arguments->kernel, "kernel by name, see `labctl kernel list` (default: its default)");
  app->add_option("--flavour", arguments->flavour, "release (default), or debug with every checker")
      ->check(CLI::IsMember({"release", "debug"}));
  app->add_flag("--json", arguments->json, "for other programs; docs/check-module.md describes it");
  return {{app, [arguments](Context& context) { return check(*arguments, context); }}};
}

}  // namespace labctl
