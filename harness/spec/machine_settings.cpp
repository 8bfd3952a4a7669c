#include "machine_settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/device.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

// One item, or each of a list; the second of two that are equal is a fault.
template <class Item, class Parse>
std::vector<Item> one_or_list(Context& context, const YamlNode& node, std::string_view what, Parse parse) {
  std::vector<Item> items;
  const auto add = [&](const YamlNode& one) {
    const auto item = parse(one);
    if (!item) return;
    if (std::find(items.begin(), items.end(), *item) != items.end())
      context.faults.add(one.position, fmt::format("{} is in \"{}\" twice", *item, what));
    else
      items.push_back(*item);
  };
  if (node.kind != YamlNode::Kind::list) {
    add(node);
  } else if (check_list(context, node, what)) {
    for (const YamlNode& one : node.items)
      add(one);
  }
  return items;
}

bool check_device(Context& context, const YamlNode& node, const std::string& name) {
  if (find_device(name) != nullptr) return true;
  context.faults.add(node.position, "there is no device " + shown(name),
                     context.faults.names_hint(name, device_names()));
  return false;
}

}  // namespace

std::vector<std::string> parse_flavours(Context& context, const YamlNode& node) {
  static const std::vector<std::string> flavours = {"release", "debug"};
  return one_or_list<std::string>(context, node, "flavour", [&](const YamlNode& one) -> std::optional<std::string> {
    const auto choice = choice_value(context, one, "flavour", flavours);
    if (!choice) return std::nullopt;
    return flavours[*choice];
  });
}

std::vector<int> parse_cpus(Context& context, const YamlNode& node) {
  return one_or_list<int>(context, node, "cpus", [&](const YamlNode& one) -> std::optional<int> {
    const auto count = integer_value(context, one, "cpus", 1, 8);
    if (!count) return std::nullopt;
    return static_cast<int>(*count);
  });
}

std::vector<std::string> parse_devices(Context& context, const YamlNode& node) {
  return line_list(context, node, "devices", check_device);
}

int parse_disk(Context& context, const YamlNode& node) {
  return size_value(context, node, "disk", 1, 1024).value_or(0);
}

}  // namespace labctl::spec
