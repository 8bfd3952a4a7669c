#include "loadcheck/check_module.hpp"

#include <algorithm>

#include "support/files.hpp"

namespace labctl {

namespace fs = std::filesystem;

Result<CheckedModule> check_module(const fs::path& ko, const LoadingKernel& kernel, const OtherModules& others) {
  const auto bytes = read_file(ko, 256U << 20);
  if (!bytes) return fail(Fault::usage, bytes.error().message, "name a .ko, as labctl run or kbuild made it");
  const auto module = read_module_file(*bytes);
  if (!module) return CheckedModule{{}, {not_a_module(module.error(), kernel)}};
  return CheckedModule{*module, find_load_faults(*module, kernel, others)};
}

void find_uses(std::vector<Finding>& findings, const fs::path& object,
               const std::function<std::string(const SourcePlace&)>& shown) {
  if (std::all_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.symbol.empty(); }))
    return;
  const auto symbols = CodeSymbols::open(object);
  if (!symbols) return;
  for (Finding& finding : findings) {
    if (finding.symbol.empty()) continue;
    // Of inlined functions the outermost would be far from the use.
    if (const auto places = symbols->use_of(finding.symbol); !places.empty()) finding.used_at = shown(places.front());
  }
}

}  // namespace labctl
