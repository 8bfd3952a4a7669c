#include "symbol_budget.hpp"

#include "module_specs.hpp"
#include "names.hpp"
#include "support/text.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

// "vmalloc", "vfs_*", "*".
bool check_symbol(Context& context, const YamlNode& item, const std::string& text) {
  const std::string name = text.ends_with('*') ? text.substr(0, text.size() - 1) : text;
  if (only_has(name, letters_and_digits, "_") && (!name.empty() || text == "*")) return true;
  context.faults.add(item.position, shown(text) + " is no symbol",
                     "a name as in C, or the beginning of one with * behind it: vfs_*");
  return false;
}

}  // namespace

SymbolBudget parse_symbols(Context& context, const YamlNode& node) {
  SymbolBudget budget;
  if (!check_map(context, node, "symbols", "symbols")) return budget;
  if (const auto* list = node.find("allow")) budget.allow = line_list(context, *list, "allow", check_symbol);
  if (const auto* list = node.find("forbid")) budget.forbid = line_list(context, *list, "forbid", check_symbol);
  return budget;
}

}  // namespace labctl::spec
