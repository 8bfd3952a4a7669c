// What a program of a run step runs as and on: input, terminal, user, environment, CPUs, scheduling.
#include <fmt/format.h>

#include <algorithm>

#include "steps.hpp"
#include "support/text.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

using Kind = YamlNode::Kind;

constexpr int max_cpus = 8;
constexpr std::size_t max_parts = 100;  // of a program's input

// {after: "name? ", pause: 50ms, text: "me\n"}
std::optional<InputPart> input_part(Context& context, const YamlNode& node) {
  if (!check_map(context, node, "a part of stdin", "input")) return std::nullopt;
  InputPart part;
  if (const auto* after = node.find("after")) {
    part.after = text_value(context, *after, "after").value_or("");
    if (after->kind == Kind::scalar && part.after.empty())
      context.faults.add(after->position, "\"after\" is empty", "without it, the text is written at once");
  }
  if (const auto* pause = node.find("pause"))
    part.pause = duration_value(context, *pause, "pause").value_or(part.pause);
  if (const auto* text = required(context, node, "text", "a part of stdin", "{after: \"name? \", text: \"me\\n\"}"))
    part.text = text_value(context, *text, "text").value_or("");
  return part;
}

// One text, or a list of parts.
void parse_stdin(Context& context, const YamlNode& node, RunStep& run) {
  if (node.kind != Kind::list) {
    run.stdin_data = text_value(context, node, "stdin").value_or("");
    return;
  }
  if (!check_list(context, node, "stdin")) return;
  if (node.items.size() > max_parts) {
    context.faults.add(node.position, fmt::format("\"stdin\" has {} parts", node.items.size()),
                       fmt::format("at most {}", max_parts));
    return;
  }
  for (const YamlNode& item : node.items)
    if (auto part = input_part(context, item)) run.input.push_back(std::move(*part));
}

void parse_environment(Context& context, const YamlNode& node, RunStep& run) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
  if (node.kind != Kind::map || node.entries.empty()) {
    if (node.kind != Kind::refused)
      context.faults.add(node.position, "\"env\" must be a map, not " + describe(node), "env: {NAME: value}");
    return;
  }
  for (const auto& entry : node.entries) {
    if (entry.key.empty() || entry.key.find_first_not_of(letters) != std::string::npos) {
      context.faults.add(entry.position, shown(entry.key) + " is no name of a variable", "letters, digits and _");
    } else if (auto text = text_value(context, entry.value, entry.key)) {
      run.environment.emplace_back(entry.key, std::move(*text));
    }
  }
}

void parse_cpus(Context& context, const YamlNode& node, RunStep& run) {
  for (const auto* item : one_or_more(context, node, "cpus"))
    if (const auto cpu = integer_value(context, *item, "cpus", 0, max_cpus - 1))
      run.cpus.push_back(static_cast<int>(*cpu));
}

// fifo and rr have a priority: policy: {fifo: 10}.
void parse_policy(Context& context, const YamlNode& node, RunStep& run) {
  if (node.kind != Kind::map) {
    static const std::vector<std::string> names = {"other", "batch", "idle"};
    if (const auto choice = choice_value(context, node, "policy", names)) run.policy = names[*choice];
    return;
  }
  if (!check_map(context, node, "policy", "policy")) return;
  const YamlEntry& entry = node.entries.front();
  if (node.entries.size() > 1) context.faults.add(node.position, "a program has one policy", "keep one of the two");
  run.policy = entry.key;
  run.priority = static_cast<int>(integer_value(context, entry.value, entry.key, 1, 99).value_or(1));
}

}  // namespace

void parse_program_setting(Context& context, const YamlNode& step, RunStep& run) {
  if (const auto* node = step.find("stdin")) parse_stdin(context, *node, run);
  if (const auto* node = step.find("tty")) run.tty = bool_value(context, *node, "tty").value_or(false);
  if (const auto* node = step.find("env")) parse_environment(context, *node, run);
  if (const auto* node = step.find("user"))
    if (const auto user = integer_value(context, *node, "user", 0, 65534)) run.user = static_cast<int>(*user);
  if (const auto* node = step.find("cpus")) parse_cpus(context, *node, run);
  if (const auto* node = step.find("policy")) parse_policy(context, *node, run);
  if (const auto* node = step.find("nice")) {
    run.nice = static_cast<int>(fixed_number_value(context, *node, "nice", -20, 19).value_or(0));
  }
}

}  // namespace labctl::spec
