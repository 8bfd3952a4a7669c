#include "steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "support/text.hpp"
#include "text_expectation.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

const StepKind* find_kind(const std::string& key) {
  for (const StepKind& kind : step_kinds()) {
    if (kind.key == key) return &kind;
  }
  return nullptr;
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const StepKind& kind : step_kinds())
    names.push_back(kind.key);
  return names;
}

bool belongs_to_any_kind(const std::string& key) {
  return contains(common_step_keys(), key) ||
         std::any_of(step_kinds().begin(), step_kinds().end(),
                     [&key](const StepKind& kind) { return contains(kind.keys, key); });
}

bool belongs_under_expect(const std::string& key) {
  static const std::vector<std::string> keys = {"errno", "bytes", "exit", "signal", "stdout", "stderr"};
  return contains(keys, key) || contains(text_check_keys(), key);
}

// The step's action, or a fault for none or a second one. Null also for an unknown kind.
const YamlEntry* find_action(Context& context, const YamlNode& step) {
  const YamlEntry* action = nullptr;
  for (const YamlEntry& entry : step.entries) {
    if (find_kind(entry.key) == nullptr) continue;
    if (action == nullptr) {
      action = &entry;
    } else {
      context.faults.add(entry.position,
                         fmt::format("a step does one thing, and this one does \"{}\" already", action->key),
                         fmt::format("begin a new step: \"- {}:\"", entry.key));
    }
  }
  if (action != nullptr) return action;
  const auto unknown = std::find_if(step.entries.begin(), step.entries.end(),
                                    [](const YamlEntry& entry) { return !belongs_to_any_kind(entry.key); });
  if (unknown != step.entries.end()) {
    context.faults.add(unknown->position, "unknown step " + shown(unknown->key),
                       context.faults.names_hint(unknown->key, kind_names()));
  } else {
    context.faults.add(step.position, "this step does nothing", "it needs one of: " + join(kind_names(), ", "));
  }
  return nullptr;
}

void check_keys(Context& context, const YamlNode& step, const StepKind& kind) {
  std::vector<std::string> allowed = {kind.key};
  allowed.insert(allowed.end(), kind.keys.begin(), kind.keys.end());
  allowed.insert(allowed.end(), common_step_keys().begin(), common_step_keys().end());
  for (const YamlEntry& entry : step.entries) {
    if (contains(allowed, entry.key) || find_kind(entry.key) != nullptr) continue;
    const bool misplaced = belongs_under_expect(entry.key) && contains(kind.keys, "expect");
    context.faults.add(entry.position, fmt::format("unknown key {} in this {} step", shown(entry.key), kind.key),
                       misplaced ? "it belongs under \"expect:\"" : context.faults.names_hint(entry.key, allowed));
  }
}

}  // namespace

const std::vector<StepKind>& step_kinds() {
  static const std::vector<StepKind> kinds = {
      {"load", {"params", "expect"}, parse_load}, {"unload", {"expect"}, parse_unload},
      {"read", {"expect"}, parse_read},           {"write", {"text", "expect"}, parse_write},
      {"run", {"stdin", "expect"}, parse_run},    {"dmesg", {}, parse_dmesg},
  };
  return kinds;
}

const std::vector<std::string>& common_step_keys() {
  static const std::vector<std::string> keys = {"continue", "limit"};
  return keys;
}

std::optional<Step> parse_step(Context& context, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::map || node.entries.empty()) {
    if (node.kind != YamlNode::Kind::refused) {
      context.faults.add(node.position, "a step must be a map, not " + describe(node),
                         "as in \"- load: NAME\"; it needs one of: " + join(kind_names(), ", "));
    }
    return std::nullopt;
  }
  const YamlEntry* action = find_action(context, node);
  if (action == nullptr) return std::nullopt;
  const StepKind& kind = *find_kind(action->key);
  check_keys(context, node, kind);

  Step step;
  step.where = context.location(action->position);
  if (const auto* value = node.find("continue")) {
    step.continue_on_failure = bool_value(context, *value, "continue").value_or(false);
  }
  if (const auto* value = node.find("limit")) step.limit = duration_value(context, *value, "limit");
  auto parsed = kind.parse(context, action->value, node);
  if (!parsed) return std::nullopt;
  step.action = std::move(*parsed);
  return step;
}

void check_order(Context& context, const Test& test) {
  // Programs may load and unload what they like; after one, and after a failure that was let pass, nothing is sure.
  bool sure = true;
  bool acted = false;
  std::set<std::string> loaded;
  for (const Step& step : test.steps) {
    const Position position{step.where.line, step.where.column};
    if (const auto* load = std::get_if<LoadStep>(&step.action)) {
      if (load->expect_errno == 0 && !loaded.insert(load->module).second && sure) {
        context.faults.add(position, fmt::format("{} is loaded already at this step", shown(load->module)),
                           "unload it before, or expect {errno: EEXIST}");
      }
    } else if (const auto* unload = std::get_if<UnloadStep>(&step.action); unload && unload->expect_errno == 0) {
      if (loaded.erase(unload->module) == 0 && sure) {
        context.faults.add(position, fmt::format("{} is not loaded at this step", shown(unload->module)),
                           "every test begins in a fresh machine: load it first");
      }
    } else if (std::holds_alternative<RunStep>(step.action)) {
      sure = false;
    } else if (const auto* dmesg = std::get_if<DmesgStep>(&step.action)) {
      if (dmesg->scope == LogScope::step && !acted) {
        context.faults.add(position, "\"since: step\" without a step before it to look at",
                           "do something first, or leave it out");
      }
      continue;
    }
    acted = true;
    if (step.continue_on_failure) sure = false;
  }
}

}  // namespace labctl::spec
