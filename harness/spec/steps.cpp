#include "steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "support/limits.hpp"
#include "support/text.hpp"
#include "text_expectation.hpp"
#include "values.hpp"
#include "values/values.hpp"

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
  static const std::vector<std::string> keys = {"errno",  "bytes", "exit", "signal", "stdout",
                                                "stderr", "ready", "type", "mode"};
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

// Faults for ${...} that cannot be read, or that no value answers to, wherever in the step they stand.
void check_values(Context& context, const YamlNode& node) {
  if (node.kind == YamlNode::Kind::scalar && has_values(node.text)) {
    const Used used = used_in(node.text);
    if (!used.fault.empty())
      context.faults.add(
          node.position, used.fault,
          "names, whole numbers, + - * / % ( ) and " + join(function_names(), ", ") + "; $${ is the text ${");
    for (const auto& name : used.names)
      if (!contains(context.values, name))
        context.faults.add(node.position, "no value " + shown(name) + " at this step",
                           context.values.empty()
                               ? "a step before saves it, or \"values:\" names it; $${ is the text ${"
                               : context.faults.names_hint(name, context.values) + "; $${ is the text ${");
  }
  for (const auto& item : node.items)
    check_values(context, item);
  for (const auto& entry : node.entries)
    check_values(context, entry.value);
}

void parse_saves(Context& context, const YamlNode& node, Step& step) {
  if (node.kind == YamlNode::Kind::scalar) {
    if (is_value_name(node.text)) {
      step.save.push_back({node.text, ""});
    } else {
      context.faults.add(node.position, shown(node.text) + " is no name of a value", value_name_form);
    }
    return;
  }
  if (node.kind != YamlNode::Kind::map || node.entries.empty()) {
    if (node.kind != YamlNode::Kind::refused)
      context.faults.add(node.position,
                         "\"save\" must be a name, or a map of names and patterns, not " + describe(node),
                         "save: {pid: '^(\\d+)'}");
    return;
  }
  for (const auto& entry : node.entries) {
    if (!is_value_name(entry.key)) {
      context.faults.add(entry.position, shown(entry.key) + " is no name of a value", value_name_form);
    } else if (auto pattern = group_pattern(context, entry.value, entry.key)) {
      step.save.push_back({entry.key, std::move(*pattern)});
    }
  }
}

// How a step ends that does not complete. Then it gives nothing that could be checked, saved or awaited.
void parse_end(Context& context, const YamlNode& node, const YamlNode& value, const StepKind& kind, Step& step) {
  static const std::vector<std::string> names = {"killed", "hangs", "dies"};
  const auto choice = choice_value(context, value, "ends", names);
  if (!choice) return;
  step.ends = std::array{StepEnd::killed, StepEnd::hangs, StepEnd::dies}[*choice];
  for (const char* key : {"expect", "within", "save", "background"})
    if (const auto* entry = node.find_entry(key))
      context.faults.add(entry->position, fmt::format("\"{}\" contradicts \"ends: {}\"", key, names[*choice]),
                         std::string_view(key) == "background"
                             ? "give \"ends\" to the wait step"
                             : "a step that does not complete gives nothing to look at");
  // A program is not the process that the kernel kills for the step; what ended it is its signal.
  if (step.ends == StepEnd::killed && (kind.key == "run" || kind.key == "sleep"))
    context.faults.add(value.position, fmt::format("\"ends: killed\" of a {} step", kind.key),
                       kind.key == "run" ? "expect: {signal: SIGKILL}" : "the steps that do something can be killed");
}

// What steps of several kinds may have; a key that this kind does not have has had its fault.
void parse_settings(Context& context, const YamlNode& node, const StepKind& kind, Step& step) {
  check_values(context, node);
  if (const auto* value = node.find("mark")) step.mark = label_value(context, *value, "mark").value_or("");
  const auto given = [&](const char* key) { return contains(kind.keys, key) ? node.find(key) : nullptr; };
  if (const auto* value = given("background"))
    step.background = label_value(context, *value, "background").value_or("");
  if (const auto* value = given("ends")) parse_end(context, node, *value, kind, step);
  if (const auto* value = given("save")) parse_saves(context, *value, step);
  if (const auto* value = given("within")) step.within = duration_value(context, *value, "within");
  if (step.within && !step.background.empty())
    context.faults.add(node.find("within")->position, "\"within\" contradicts \"background\"",
                       "the wait step has a limit of its own");
  // What it expects is judged by the wait step, so that is where it is earned.
  if (node.find("points") != nullptr && !step.background.empty())
    context.faults.add(node.find("points")->position, "\"points\" of a step in the background",
                       "give them to the step that waits for it");
}

}  // namespace

const std::vector<StepKind>& step_kinds() {
  static const std::vector<StepKind> kinds = {
      {"load", {"params", "expect", "background", "ends"}, parse_load},
      {"unload", {"expect", "background", "ends"}, parse_unload},
      {"read", {"bytes", "at", "expect", "save", "within", "background", "ends"}, parse_read},
      {"write", {"text", "hex", "at", "expect", "background", "ends"}, parse_write},
      {"stat", {"expect", "save", "within", "ends"}, parse_stat},
      {"list", {"expect", "save", "within", "ends"}, parse_list},
      {"open", {"as", "for", "flags", "expect", "ends"}, parse_open},
      {"close", {"expect", "ends"}, parse_close},
      {"seek", {"to", "from", "expect", "ends"}, parse_seek},
      {"poll", {"for", "timeout", "expect", "background", "ends"}, parse_poll},
      {"ioctl",
       {"request", "argument", "integer", "size", "text", "hex", "expect", "save", "background", "ends"},
       parse_ioctl},
      {"run",
       {"stdin", "tty", "env", "user", "cpus", "policy", "nice", "expect", "save", "within", "background", "ends"},
       parse_run},
      {"sleep", {"ends"}, parse_sleep},
      {"reboot", {}, parse_reboot},
      {"wait", {"ends"}, parse_wait},
      {"running", {"after"}, parse_running},
      {"kill", {"signal"}, parse_kill},
      {"elapsed", {"expect"}, parse_elapsed},
      {"dmesg", {}, parse_dmesg},
      {"build", {"expect"}, parse_build},
  };
  return kinds;
}

const std::vector<std::string>& common_step_keys() {
  static const std::vector<std::string> keys = {"continue", "limit", "mark", "points"};
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
  if (const auto* value = node.find("points"))
    if (const auto points = integer_value(context, *value, "points", 0, 1000)) step.points = static_cast<int>(*points);
  parse_settings(context, node, kind, step);
  auto parsed = kind.parse(context, action->value, node);
  if (!parsed) return std::nullopt;
  step.action = std::move(*parsed);
  // Going down takes as long as modules make it; coming up has this limit too.
  if (std::holds_alternative<RebootStep>(step.action) && !step.limit) step.limit = Limits{}.boot;
  return step;
}

}  // namespace labctl::spec
