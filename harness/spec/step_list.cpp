// Lists of steps: what is saved on the way, and repeats.
#include <fmt/format.h>

#include "steps.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

// Of all that is written in a node.
std::size_t text_bytes(const YamlNode& node) {
  std::size_t bytes = node.text.size();
  for (const auto& item : node.items)
    bytes += text_bytes(item);
  for (const auto& entry : node.entries)
    bytes += entry.key.size() + text_bytes(entry.value);
  return bytes;
}

// repeat: {times: 3, steps: [...]}
bool parse_repeat(Context& context, const YamlNode& item, std::vector<Step>& steps) {
  if (!check_map(context, item, "this repeat step", "step_repeat")) return false;
  const YamlNode& repeat = *item.find("repeat");
  if (!check_map(context, repeat, "repeat", "repeat")) return false;
  const auto* times = required(context, repeat, "times", "a repeat", "repeat: {times: 3, steps: [...]}");
  const auto* list = required(context, repeat, "steps", "a repeat", "repeat: {times: 3, steps: [...]}");
  if (times == nullptr || list == nullptr || !check_list(context, *list, "steps")) return false;
  for (const YamlNode& inner : list->items) {
    if (inner.find_entry("repeat") == nullptr) continue;
    context.faults.add(inner.position, "a repeat within a repeat", "write the inner steps out, or use runs");
    return false;
  }
  for (const YamlNode& inner : list->items)
    if (const auto* points = inner.find_entry("points"))
      context.faults.add(points->position, "\"points\" in a repeat would count at each turn",
                         "give them to a step after it, or to the test");
  const auto count = integer_value(context, *times, "times", 1, 1000);
  context.values.emplace_back("round");
  std::vector<Step> once;
  const bool good = parse_list_of_steps(context, *list, once) && count;
  std::erase(context.values, "round");
  if (!good) return false;
  if (once.size() * static_cast<std::size_t>(*count) > max_steps) {
    context.faults.add(repeat.position,
                       fmt::format("{} steps when written out", once.size() * static_cast<std::size_t>(*count)),
                       fmt::format("a test has at most {}", max_steps));
    return false;
  }
  const std::size_t bytes = (text_bytes(*list) + once.size() * sizeof(Step)) * static_cast<std::size_t>(*count);
  if (bytes > context.repeat_budget) {
    context.faults.add(repeat.position, "the lab's repeats are too large when written out",
                       "repeat less often, or write less in each step");
    return false;
  }
  context.repeat_budget -= bytes;
  for (int round = 1; round <= *count; ++round) {
    for (Step step : once) {
      step.round = round;
      steps.push_back(std::move(step));
    }
  }
  return true;
}

// What a step saves is a value for those after it; what a background one saves, for those after the wait.
void add_saved(Context& context, const Step& step) {
  for (const Save& save : step.save) {
    if (step.background.empty())
      context.values.push_back(save.name);
    else
      context.background_values.emplace_back(step.background, save.name);
  }
  const auto* wait = std::get_if<WaitStep>(&step.action);
  if (wait == nullptr) return;
  for (const auto& [background, name] : context.background_values)
    if (background == wait->name) context.values.push_back(name);
}

}  // namespace

bool parse_list_of_steps(Context& context, const YamlNode& list, std::vector<Step>& steps) {
  bool good = true;
  for (const YamlNode& item : list.items) {
    if (item.find_entry("repeat") != nullptr) {
      good = parse_repeat(context, item, steps) && good;
      continue;
    }
    auto step = parse_step(context, item);
    if (!step) {
      good = false;
      continue;
    }
    add_saved(context, *step);
    steps.push_back(std::move(*step));
  }
  return good;
}

}  // namespace labctl::spec
