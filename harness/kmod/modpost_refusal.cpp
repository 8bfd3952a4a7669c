#include "modpost_refusal.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "loadcheck/check_module.hpp"
#include "support/files.hpp"

namespace labctl {

std::string modpost_refusal(const Workshop& shop, const ModuleSource& source, const std::string& output) {
  const auto object = shop.build / source.folder / (source.module + ".o");
  const auto bytes = read_file(object, shop.options.limits.module_bytes);
  const auto kernel = read_loading_kernel(shop.kernel);
  const auto module = read_module_file(bytes.value_or(""));
  if (!kernel || !module) return {};
  auto findings = find_symbol_faults(*module, *kernel, {parse_symvers(source.symbols), {}});
  // Only what modpost itself complains of. A licence alone is no error for it, unless there is none.
  std::erase_if(findings, [&output](const Finding& one) {
    if (one.prevents_load()) return output.find(one.symbol) == std::string::npos;
    return one.kind != FindingKind::no_licence || output.find("missing MODULE_LICENSE") == std::string::npos;
  });
  std::stable_partition(findings.begin(), findings.end(), [](const Finding& one) { return one.prevents_load(); });
  if (findings.empty()) return {};
  find_uses(findings, object, [&shop](const SourcePlace& place) {
    std::string text = kept_messages(fmt::format("{}:{}", place.file, place.line), shop.folder());
    while (text.ends_with('\n'))
      text.pop_back();
    return text;
  });
  return advice(findings.front());
}

}  // namespace labctl
