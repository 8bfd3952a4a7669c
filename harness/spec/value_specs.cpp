#include "value_specs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <climits>

#include "values.hpp"

namespace labctl::spec {
namespace {

using Kind = YamlNode::Kind;

constexpr std::int64_t max_count = 100'000;

// [min, max]
bool parse_range(Context& context, const YamlNode& node, std::string_view what, ValueSpec& spec) {
  if (node.kind != Kind::list || node.items.size() != 2) {
    if (node.kind != Kind::refused)
      context.faults.add(node.position, fmt::format("\"{}\" must be two numbers, not {}", what, describe(node)),
                         "the least and the greatest: [1, 100]");
    return false;
  }
  const auto bound = [&](const YamlNode& item) -> std::optional<std::int64_t> {
    return fixed_number_value(context, item, what, INT64_MIN, INT64_MAX);
  };
  const auto min = bound(node.items[0]), max = bound(node.items[1]);
  if (!min || !max) return false;
  spec.min = *min;
  spec.max = *max;
  if (*min <= *max) return true;
  context.faults.add(node.position, fmt::format("{} is greater than {}", *min, *max), "the least one comes first");
  return false;
}

void parse_integers(Context& context, const YamlNode& node, ValueSpec& spec) {
  if (!check_map(context, node, "integers", "integers")) return;
  const auto* count = node.find("count");
  const auto* range = node.find("range");
  if (count == nullptr || range == nullptr) {
    context.faults.add(node.position, "\"integers\" needs \"count\" and \"range\"",
                       "integers: {count: 5, range: [1, 100]}");
    return;
  }
  spec.count = static_cast<std::size_t>(integer_value(context, *count, "count", 1, 10'000).value_or(1));
  if (const auto* distinct = node.find("distinct"))
    spec.distinct = bool_value(context, *distinct, "distinct").value_or(false);
  if (!parse_range(context, *range, "range", spec)) return;
  const std::uint64_t span = static_cast<std::uint64_t>(spec.max) - static_cast<std::uint64_t>(spec.min);
  // Twice as many as are drawn, so that drawing ends soon.
  if (spec.distinct && span / 2 < spec.count)
    context.faults.add(range->position, fmt::format("too few numbers for {} distinct ones", spec.count),
                       "make the range at least twice as wide");
}

void parse_one_of(Context& context, const YamlNode& node, ValueSpec& spec) {
  if (!check_list(context, node, "one_of")) return;
  for (const auto& item : node.items)
    if (auto text = text_value(context, item, "one_of")) spec.choices.push_back(std::move(*text));
}

std::optional<ValueSpec> parse_value(Context& context, const YamlEntry& entry) {
  ValueSpec spec;
  spec.name = entry.key;
  if (entry.value.kind != Kind::map) {
    auto text = text_value(context, entry.value, entry.key);
    if (!text) return std::nullopt;
    if (has_values(*text))
      context.faults.add(entry.value.position, "a value is not made of other values", "use ${...} in the steps");
    spec.constant = std::move(*text);
    return spec;
  }
  if (!check_map(context, entry.value, entry.key, "value")) return std::nullopt;
  const YamlEntry& made = entry.value.entries.front();
  if (entry.value.entries.size() > 1) {
    context.faults.add(entry.value.entries[1].position, "a value is of one kind", "keep one of the two");
    return std::nullopt;
  }
  const auto count = [&] {
    return static_cast<std::size_t>(integer_value(context, made.value, made.key, 1, max_count).value_or(1));
  };
  if (made.key == "integer") {
    spec.kind = ValueSpec::Kind::integer;
    if (!parse_range(context, made.value, "integer", spec)) return std::nullopt;
  } else if (made.key == "integers") {
    spec.kind = ValueSpec::Kind::integers;
    parse_integers(context, made.value, spec);
  } else if (made.key == "letters") {
    spec.kind = ValueSpec::Kind::letters;
    spec.count = count();
  } else if (made.key == "bytes") {
    spec.kind = ValueSpec::Kind::bytes;
    spec.count = count();
  } else if (made.key == "one_of") {
    spec.kind = ValueSpec::Kind::one_of;
    parse_one_of(context, made.value, spec);
  } else {
    return std::nullopt;
  }
  return spec;
}

}  // namespace

std::vector<ValueSpec> parse_values(Context& context, const YamlNode& map) {
  std::vector<ValueSpec> values;
  if (map.kind != Kind::map || map.entries.empty()) {
    if (map.kind != Kind::refused)
      context.faults.add(map.position, "\"values\" must be a map, not " + describe(map),
                         "values: {n: {integer: [1, 100]}}");
    return values;
  }
  for (const auto& entry : map.entries) {
    const bool known = std::find(context.values.begin(), context.values.end(), entry.key) != context.values.end();
    if (!is_value_name(entry.key)) {
      context.faults.add(entry.position, shown(entry.key) + " is no name of a value", value_name_form);
    } else if (known) {
      context.faults.add(entry.position, fmt::format("a second value {}", shown(entry.key)),
                         "the lab's values are those of its tests too");
    } else {
      // Known even where it is at fault: its uses are not.
      context.values.push_back(entry.key);
      if (auto value = parse_value(context, entry)) values.push_back(std::move(*value));
    }
  }
  return values;
}

}  // namespace labctl::spec
