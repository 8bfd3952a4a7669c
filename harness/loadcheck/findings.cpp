#include "loadcheck/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "support/text.hpp"

namespace labctl {
namespace {

// license_is_gpl_compatible() in <linux/license.h>.
constexpr std::array<std::string_view, 6> gpl_compatible = {"GPL",          "GPL v2",       "GPL and additional rights",
                                                            "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"};

bool is_gpl_compatible(const std::optional<std::string>& licence) {
  return licence && std::find(gpl_compatible.begin(), gpl_compatible.end(), *licence) != gpl_compatible.end();
}

constexpr const char* licence_hint = "MODULE_LICENSE(\"GPL\") is what most modules say; <linux/module.h> lists others";

std::string build_hint(const LoadingKernel& kernel) {
  return fmt::format("build it against this kernel: labctl run, or make -C $(labctl kernel path {})/headers M=$PWD",
                     kernel.name);
}

std::string name_of(const ModuleFile& module) {
  return module.name.empty() ? "the module" : module.name;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    if (!word.empty()) words.emplace_back(word);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return words;
}

// What of the first has no part in the second, without the release.
std::vector<std::string> only_in(const std::vector<std::string>& some, const std::vector<std::string>& others) {
  std::vector<std::string> only;
  for (std::size_t i = 1; i < some.size(); ++i)
    if (std::find(others.begin(), others.end(), some[i]) == others.end()) only.push_back(some[i]);
  return only;
}

std::string difference(const std::string& of_module, const std::string& of_kernel) {
  const auto its = words_of(of_module), wanted = words_of(of_kernel);
  std::vector<std::string> parts;
  if (its.empty() || its[0] != wanted[0])
    parts.push_back(fmt::format("it was built for Linux {}, and this is {}",
                                its.empty() ? "?" : labctl::printable(its[0]), wanted[0]));
  if (const auto more = only_in(its, wanted); !more.empty())
    parts.push_back(
        fmt::format("it was built for a kernel with {}, which this one has not", labctl::printable(join(more, ", "))));
  if (const auto fewer = only_in(wanted, its); !fewer.empty())
    parts.push_back(fmt::format("this kernel has {}, for which it was not built", join(fewer, ", ")));
  if (parts.empty()) parts.emplace_back("the same words, written otherwise");
  return join(parts, "; ");
}

std::optional<Finding> check_vermagic(const ModuleFile& module, const LoadingKernel& kernel) {
  Finding finding{FindingKind::vermagic, {}, {}, build_hint(kernel), ENOEXEC};
  if (!module.vermagic) {
    finding.what = "it does not say for which kernel it was built: it has no vermagic";
    return finding;
  }
  std::string_view its = *module.vermagic, wanted = kernel.vermagic;
  // Then the CRCs say more than the release does (same_magic() in the kernel).
  if (kernel.modversions && module.has_versions) {
    its.remove_prefix(std::min(its.size(), its.find(' ')));
    wanted.remove_prefix(std::min(wanted.size(), wanted.find(' ')));
  }
  if (its == wanted) return std::nullopt;
  finding.what = "its vermagic is another: " + difference(*module.vermagic, kernel.vermagic);
  finding.log = fmt::format("{}: version magic '{}' should be '{}'", module.name, *module.vermagic, kernel.vermagic);
  return finding;
}

std::string unknown_log(const ModuleFile& module, const std::string& symbol, int error) {
  return fmt::format("{}: Unknown symbol {} (err {})", module.name, symbol, -error);
}

// The letter of nm's for the symbol in System.map; lower case: it is static. 0: it is not there.
char letter_of(const std::string& system_map, const std::string& symbol) {
  const auto at = system_map.find(" " + symbol + "\n");
  return at == std::string::npos || at == 0 ? '\0' : system_map[at - 1];
}

// Says of a symbol that no module can have what is known of it.
void explain_unknown(const LoadingKernel& kernel, Finding& finding) {
  const std::string& symbol = finding.symbol;
  if (const char letter = letter_of(kernel.system_map, symbol); letter != '\0') {
    const bool is_static = letter >= 'a' && letter <= 'z';
    const bool is_code = letter == 't' || letter == 'T';
    finding.what = fmt::format("Linux {} has {}, but does not export it to modules: it is a {}{} of the kernel's own",
                               kernel.release, symbol, is_static ? "static " : "", is_code ? "function" : "variable");
    finding.hint = fmt::format("take one that is exported: $(labctl kernel path {})/headers/Module.symvers lists them",
                               kernel.name);
    return;
  }
  finding.what = fmt::format("Linux {} has no {} as it is built", kernel.release, symbol);
  if (const auto declared = kernel.declaration ? kernel.declaration(symbol) : std::nullopt) {
    finding.what += fmt::format(", though its {} declares it", declared->header);
    if (declared->options.empty()) {
      finding.hint =
          "a config option that it is built without may bring it: see what the kernel's documentation says "
          "of it, and name the option under kernel: config: in the lab";
      return;
    }
    std::vector<std::string> options;
    for (const auto& option : declared->options)
      options.push_back(option.substr(std::string_view("CONFIG_").size()));
    finding.what += fmt::format(" for kernels with {}", join(options, " or "));
    finding.hint = fmt::format("kernel: {{config: [{}]}} in the lab, or labctl kernel build {} --config {}",
                               join(options, ", "), kernel.name, join(options, ","));
    return;
  }
  std::vector<std::string> names;
  for (const auto& [name, ignored] : kernel.exports)
    names.push_back(name);
  const auto near = nearest(symbol, names);
  finding.hint =
      near ? fmt::format("did you mean {}?", *near)
           : "is it spelt right? Is its source one of the module's, or does the module that has it export it?";
}

class SymbolCheck {
 public:
  SymbolCheck(const ModuleFile& module, const LoadingKernel& kernel, const OtherModules& others)
      : module_(module), kernel_(kernel), others_(others) {}

  std::optional<Finding> operator()(const UndefinedSymbol& symbol) const {
    if (const auto* exported = find(symbol.name)) {
      if (exported->gpl_only && !is_gpl_compatible(module_.licence))
        return symbol.weak ? std::nullopt : std::optional(gpl_only(symbol.name));
      if (auto version = check_version(*exported)) return version;
      return check_namespace(*exported);
    }
    if (symbol.weak) return std::nullopt;
    Finding finding{
        FindingKind::unknown_symbol, symbol.name, {}, {}, ENOENT, unknown_log(module_, symbol.name, ENOENT)};
    const auto other = std::find_if(others_.not_loaded.begin(), others_.not_loaded.end(),
                                    [&symbol](const ExportedSymbol& exported) { return exported.name == symbol.name; });
    const bool in_kernel = letter_of(kernel_.system_map, symbol.name) != '\0';
    if (other != others_.not_loaded.end()) {
      depends_on(other->module, fmt::format("{} exports {}, and is not loaded", other->module, symbol.name), finding);
    } else if (!module_.depends.empty() && !in_kernel) {
      depends_on(join(module_.depends, ", "),
                 fmt::format("Linux {} itself has no {}, and {} was built to use {}", kernel_.release, symbol.name,
                             name_of(module_), join(module_.depends, ", ")),
                 finding);
    } else {
      explain_unknown(kernel_, finding);
    }
    return finding;
  }

 private:
  const ExportedSymbol* find(const std::string& name) const {
    if (const auto found = kernel_.exports.find(name); found != kernel_.exports.end()) return &found->second;
    const auto found = std::find_if(others_.loaded.begin(), others_.loaded.end(),
                                    [&name](const ExportedSymbol& exported) { return exported.name == name; });
    return found == others_.loaded.end() ? nullptr : &*found;
  }

  static void depends_on(const std::string& modules, std::string what, Finding& finding) {
    finding.kind = FindingKind::missing_dependency;
    finding.what = std::move(what);
    finding.hint = fmt::format("load {} first", modules);
  }

  Finding gpl_only(const std::string& symbol) const {
    return {FindingKind::gpl_only_symbol,
            symbol,
            fmt::format("{} is only for modules with a licence that is compatible with the GPL, and {} has {}", symbol,
                        name_of(module_), module_.licence ? labctl::quoted(*module_.licence) : "none"),
            licence_hint,
            ENOENT,
            unknown_log(module_, symbol, ENOENT)};
  }

  std::optional<Finding> check_version(const ExportedSymbol& exported) const {
    // A kernel without CONFIG_MODVERSIONS, or a module's symbol, has none.
    if (!kernel_.modversions || exported.crc == 0 || !module_.has_versions) return std::nullopt;
    const auto its = module_.versions.find(exported.name);
    if (its != module_.versions.end() && its->second == exported.crc) return std::nullopt;
    const bool disagrees = its != module_.versions.end();
    // 5.4 only warns of a symbol without a version.
    if (!disagrees && compare_versions(kernel_.release, "5.4") <= 0) return std::nullopt;
    return Finding{FindingKind::symbol_version,
                   exported.name,
                   disagrees
                       ? fmt::format("{} is not of the type with which it was built (its CRC differs)", exported.name)
                       : fmt::format("it was built without the version (CRC) of {}", exported.name),
                   build_hint(kernel_),
                   EINVAL,
                   disagrees ? fmt::format("{}: disagrees about version of symbol {}", module_.name, exported.name)
                             : fmt::format("{}: no symbol version for {}", module_.name, exported.name)};
  }

  std::optional<Finding> check_namespace(const ExportedSymbol& exported) const {
    const auto& space = exported.name_space;
    if (space.empty() ||
        std::find(module_.namespaces.begin(), module_.namespaces.end(), space) != module_.namespaces.end())
      return std::nullopt;
    return Finding{
        FindingKind::symbol_namespace,
        exported.name,
        fmt::format("{} is in the namespace {}, which {} does not import", exported.name, space, name_of(module_)),
        fmt::format("add MODULE_IMPORT_NS({});", space),
        EINVAL,
        fmt::format("{}: module uses symbol ({}) from namespace {}, but does not import it.", module_.name,
                    exported.name, space)};
  }

  const ModuleFile& module_;
  const LoadingKernel& kernel_;
  const OtherModules& others_;
};

std::optional<Finding> check_licence(const ModuleFile& module) {
  if (is_gpl_compatible(module.licence)) return std::nullopt;
  const bool none = !module.licence;
  return Finding{
      none ? FindingKind::no_licence : FindingKind::licence,
      {},
      none ? "it has no MODULE_LICENSE: it is loaded, and taints the kernel"
           : fmt::format("its licence {} is not compatible with the GPL: it is loaded, and taints the kernel",
                         labctl::quoted(*module.licence)),
      licence_hint,
      0,
      fmt::format("{}: module license '{}' taints kernel.", module.name, module.licence.value_or("unspecified"))};
}

}  // namespace

std::string_view finding_name(FindingKind kind) {
  switch (kind) {
    case FindingKind::not_a_module: return "not-a-module";
    case FindingKind::vermagic: return "vermagic";
    case FindingKind::unknown_symbol: return "unknown-symbol";
    case FindingKind::missing_dependency: return "missing-dependency";
    case FindingKind::gpl_only_symbol: return "gpl-only-symbol";
    case FindingKind::symbol_version: return "symbol-version";
    case FindingKind::symbol_namespace: return "symbol-namespace";
    case FindingKind::no_licence: return "no-licence";
    case FindingKind::licence: return "licence";
  }
  return "unknown";
}

std::vector<Finding> find_symbol_faults(const ModuleFile& module, const LoadingKernel& kernel,
                                        const OtherModules& others) {
  std::vector<Finding> findings;
  if (auto licence = check_licence(module)) findings.push_back(std::move(*licence));
  const SymbolCheck check(module, kernel, others);
  for (const auto& symbol : module.undefined)
    if (auto finding = check(symbol)) findings.push_back(std::move(*finding));
  return findings;
}

std::vector<Finding> find_load_faults(const ModuleFile& module, const LoadingKernel& kernel,
                                      const OtherModules& others) {
  const std::string name = module.name.empty() ? "(missing .modinfo section or name field)" : module.name;
  if (module.stripped)
    return {{FindingKind::not_a_module,
             {},
             "its symbols were stripped",
             "strip -g leaves those that the kernel needs",
             ENOEXEC,
             name + ": module has no symbols (stripped?)"}};
  if (!module.finished)
    return {{FindingKind::not_a_module,
             {},
             "it is an object file and not yet a module: modpost has not seen it",
             build_hint(kernel),
             ENOEXEC,
             name + ": No module found in object"}};
  std::vector<Finding> findings;
  if (kernel.modversions && !module.has_versions)
    findings.push_back({FindingKind::symbol_version,
                        {},
                        "it was built without the versions (CRCs) of what it uses",
                        build_hint(kernel),
                        ENOEXEC});
  if (auto magic = check_vermagic(module, kernel)) findings.push_back(std::move(*magic));
  for (auto& finding : find_symbol_faults(module, kernel, others))
    findings.push_back(std::move(finding));
  return findings;
}

Finding not_a_module(const BrokenFile& broken, const LoadingKernel& kernel) {
  Finding finding{FindingKind::not_a_module, {}, broken.what, build_hint(kernel), ENOEXEC};
  // 5.4 has one line for all; between the two the words changed by and by.
  if (compare_versions(kernel.release, "5.4") <= 0) {
    finding.log = "Module has invalid ELF structures";
  } else if (compare_versions(kernel.release, "6.1") == 0) {
    finding.log = broken.log;
  }
  return finding;
}

std::string finding_text(const Finding& finding) {
  return printable(finding.used_at.empty() ? finding.what
                                           : fmt::format("{} (used at {})", finding.what, finding.used_at));
}

std::string advice(const Finding& finding) {
  return finding.hint.empty() ? finding_text(finding)
                              : fmt::format("{}; {}", finding_text(finding), printable(finding.hint));
}

}  // namespace labctl
