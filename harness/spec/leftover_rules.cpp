#include "leftover_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "machine_settings.hpp"
#include "model/leftover.hpp"
#include "support/text.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

constexpr std::string_view any = "any";

// Whether a name can be one of its kind: those of files are their paths.
bool check_name(Context& context, const YamlNode& node, std::string_view kind, const std::string& name) {
  const LeftoverKind* known = find_leftover_kind(kind);
  if (known == nullptr || known->below.empty() || name.starts_with('*') || name.starts_with(known->below)) return true;
  context.faults.add(node.position, fmt::format("{} is no path of \"{}\"", shown(name), kind),
                     fmt::format("it is in {}: {}", known->below, shown(std::string(known->below) + "NAME")));
  return false;
}

// {proc: /proc/NAME, kthread: [ONE, OTHER], reason: ...}
void add_allowed(Context& context, const YamlNode& node, std::vector<AllowedLeftover>& allowed) {
  if (!check_map(context, node, "an allowed leftover", "allowed_leftover")) return;
  const std::size_t before = allowed.size();
  const YamlNode* reason = required(context, node, "reason", "an allowed leftover", "reason: The log outlives it.");
  const std::string why = reason == nullptr ? "" : text_value(context, *reason, "reason").value_or("");
  if (reason != nullptr && reason->kind == YamlNode::Kind::scalar && why.find_first_not_of(" \n") == std::string::npos)
    context.faults.add(reason->position, "the reason is empty", "say why this may stay");
  const auto add = [&](std::string_view kind) {
    const YamlNode* names = node.find(kind);
    if (names == nullptr) return;
    for (const YamlNode* item : one_or_more(context, *names, kind)) {
      const auto name = line_value(context, *item, kind);
      if (name && check_name(context, *item, kind, *name))
        allowed.push_back({kind == any ? "" : std::string(kind), *name, why});
    }
  };
  add(any);
  for (const LeftoverKind& kind : leftover_kinds())
    add(kind.name);
  const bool nothing = node.entries.size() == (reason == nullptr ? 0U : 1U);
  if (nothing && allowed.size() == before)
    context.faults.add(node.position, "this allows nothing", "such as proc: /proc/NAME");
}

}  // namespace

LeftoverRules parse_leftovers(Context& context, const YamlNode& node) {
  LeftoverRules rules;
  if (!check_map(context, node, "leftovers", "leftovers")) return rules;
  if (const auto* flavour = node.find("flavour")) rules.flavours = parse_flavours(context, *flavour);
  if (const auto* allow = node.find("allow"); allow != nullptr && check_list(context, *allow, "allow"))
    for (const YamlNode& item : allow->items)
      add_allowed(context, item, rules.allowed);
  if (const auto* kmemleak = node.find("kmemleak")) {
    rules.kmemleak = bool_value(context, *kmemleak, "kmemleak");
    if (rules.kmemleak.value_or(false) && !rules.flavours.empty() &&
        std::find(rules.flavours.begin(), rules.flavours.end(), "debug") == rules.flavours.end())
      context.faults.add(kmemleak->position, "kmemleak finds nothing where \"flavour\" is not debug",
                         "such as flavour: [release, debug]");
  }
  return rules;
}

}  // namespace labctl::spec
