#include "structure_expectation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

#include "text_expectation.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

using Kind = YamlNode::Kind;

constexpr std::int64_t any_least = INT64_MIN, any_most = INT64_MAX;

// "1.5", "-.25"
bool is_fraction(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text.size() > 1 && text.find_first_not_of("0123456789.") == std::string_view::npos &&
         std::count(text.begin(), text.end(), '.') == 1;
}

// A number of a text: whole, a decimal fraction, or with ${...}.
std::optional<Number> real_value(Context& context, const YamlNode& node, std::string_view what) {
  if (node.kind == Kind::scalar && node.plain && is_fraction(node.text)) return node.text;
  return number_value(context, node, what, any_least, any_most);
}

void check_tolerance(Context& context, const YamlNode& map, NumberCheck& check) {
  const auto* within = map.find("within");
  if (within == nullptr && !check.near) return;
  if (within == nullptr || !check.near) {
    context.faults.add(map.position, "\"near\" and \"within\" go together", "near: 100, within: 10%");
    return;
  }
  if (within->kind == Kind::scalar && within->text.ends_with('%') &&
      whole_number(within->text.substr(0, within->text.size() - 1))) {
    check.within = within->text;
  } else if (auto value = real_value(context, *within, "within")) {
    check.within = std::move(*value);
  }
}

// As a number, unless it holds ${...}: what it will be is not known yet.
std::optional<long double> plain_number(const std::optional<Number>& number) {
  if (!number || has_values(*number)) return std::nullopt;
  if (const auto whole = whole_number(*number)) return *whole;
  return is_fraction(*number) ? std::optional(std::strtold(number->c_str(), nullptr)) : std::nullopt;
}

// How far from `near` a number may be.
std::optional<long double> plain_tolerance(const NumberCheck& check) {
  if (!check.within.ends_with('%')) return plain_number(check.within);
  const auto percent = plain_number(check.within.substr(0, check.within.size() - 1)), near = plain_number(check.near);
  return percent && near ? std::optional(*percent * (*near < 0 ? -*near : *near) / 100) : std::nullopt;
}

// Faults for conditions that no number can satisfy together.
void check_bounds(Context& context, const YamlNode& node, const NumberCheck& check) {
  const auto low = plain_number(check.min), high = plain_number(check.max), equals = plain_number(check.equals);
  const auto near = plain_number(check.near), tolerance = plain_tolerance(check);
  const auto contradicts = [&](const char* key, const char* other) {
    context.faults.add(node.find_entry(key)->position, fmt::format("\"{}\" contradicts \"{}\"", key, other),
                       "no number is both");
  };
  if (tolerance && *tolerance < 0)
    context.faults.add(node.find("within")->position, "\"within\" is less than 0", "how far away the number may be");
  if (low && high && *low > *high)
    context.faults.add(node.find("max")->position, "\"max\" is less than \"min\"", "no number is in between");
  if (equals && low && *equals < *low) contradicts("equals", "min");
  if (equals && high && *equals > *high) contradicts("equals", "max");
  if (!near || !tolerance) return;
  if (equals && (*equals < *near - *tolerance || *equals > *near + *tolerance)) contradicts("equals", "near");
  if (low && *near + *tolerance < *low) contradicts("near", "min");
  if (high && *near - *tolerance > *high) contradicts("near", "max");
}

std::optional<NumberCheck> number_check(Context& context, const YamlNode& node) {
  NumberCheck check;
  if (node.kind == Kind::scalar) {
    check.equals = real_value(context, node, "number");
    return check;
  }
  if (!check_map(context, node, "number", "number")) return std::nullopt;
  if (const auto* of = node.find("of")) check.of = group_pattern(context, *of, "of").value_or("");
  const std::pair<const char*, std::optional<Number>*> bounds[] = {
      {"equals", &check.equals}, {"min", &check.min}, {"max", &check.max}, {"near", &check.near}};
  for (const auto& [key, bound] : bounds)
    if (const auto* value = node.find(key)) *bound = real_value(context, *value, key);
  check_tolerance(context, node, check);
  check_bounds(context, node, check);
  const bool bounded = node.find("equals") != nullptr || node.find("min") != nullptr || node.find("max") != nullptr ||
                       node.find("near") != nullptr;
  if (!bounded) context.faults.add(node.position, "this number may be any number", "it needs equals, min, max or near");
  return check;
}

// A map's entries as texts.
std::vector<std::pair<std::string, std::string>> texts_by_key(Context& context, const YamlNode& node,
                                                              std::string_view what) {
  std::vector<std::pair<std::string, std::string>> texts;
  if (node.kind != Kind::map || node.entries.empty()) {
    if (node.kind != Kind::refused)
      context.faults.add(node.position, fmt::format("\"{}\" must be a map, not {}", what, describe(node)));
    return texts;
  }
  for (const auto& entry : node.entries)
    if (auto text = text_value(context, entry.value, entry.key)) texts.emplace_back(entry.key, std::move(*text));
  return texts;
}

std::vector<std::string> column_names(Context& context, const YamlNode& node) {
  return line_list(context, node, "columns", [](Context&, const YamlNode&, const std::string&) { return true; });
}

void check_columns(Context& context, const YamlNode& node, const TableCheck& table) {
  if (table.columns.empty()) return;
  const auto known = [&](const YamlNode* map) {
    if (map == nullptr || map->kind != Kind::map) return;
    for (const auto& entry : map->entries)
      if (std::find(table.columns.begin(), table.columns.end(), entry.key) == table.columns.end())
        context.faults.add(entry.position, "unknown column " + shown(entry.key),
                           context.faults.names_hint(entry.key, table.columns));
  };
  known(node.find("row"));
  known(node.find("cells"));
}

std::optional<TableCheck> table_check(Context& context, const YamlNode& node) {
  TableCheck table;
  if (!check_map(context, node, "table", "table")) return std::nullopt;
  if (const auto* columns = node.find("columns")) table.columns = column_names(context, *columns);
  if (const auto* skip = node.find("skip"))
    table.skip = static_cast<int>(integer_value(context, *skip, "skip", 0, 1000).value_or(0));
  if (const auto* separator = node.find("separator"))
    if (auto text = text_value(context, *separator, "separator")) {
      table.separator = std::move(*text);
      if (table.separator.empty())
        context.faults.add(separator->position, "\"separator\" is empty", "without it, blanks and tabs separate");
    }
  if (const auto* row = node.find("row")) table.row = texts_by_key(context, *row, "row");
  if (const auto* cells = node.find("cells"); cells != nullptr && cells->kind == Kind::map && !cells->entries.empty()) {
    for (const auto& entry : cells->entries)
      table.cells.push_back({entry.key, text_expectation(context, entry.value, entry.key)});
  } else if (cells != nullptr && cells->kind != Kind::refused) {
    context.faults.add(cells->position, "\"cells\" must be a map, not " + describe(*cells), "cells: {size: \"16\"}");
  }
  if (const auto* absent = node.find("absent")) table.absent = bool_value(context, *absent, "absent").value_or(false);
  if (const auto* rows = node.find("rows")) table.rows = number_value(context, *rows, "rows", 0, 1'000'000);
  check_columns(context, node, table);
  if (table.absent && (node.find("cells") != nullptr || node.find("rows") != nullptr))
    context.faults.add(node.position, "a row that is absent has nothing to check", "drop cells and rows, or absent");
  if (table.absent && table.row.empty())
    context.faults.add(node.position, "\"absent\" needs \"row\": which row", "row: {name: value}");
  if (node.find("row") == nullptr && node.find("cells") == nullptr && node.find("rows") == nullptr)
    context.faults.add(node.position, "this table may hold anything", "it needs row, cells or rows");
  return table;
}

// One node or a list of them, as other text checks take.
std::vector<const YamlNode*> maps_of(Context& context, const YamlNode& node, std::string_view what) {
  if (node.kind != Kind::list) return {&node};
  if (!check_list(context, node, what)) return {};
  std::vector<const YamlNode*> nodes;
  for (const auto& item : node.items)
    nodes.push_back(&item);
  return nodes;
}

}  // namespace

void structure_checks(Context& context, const YamlNode& map, TextExpectation& expect) {
  if (const auto* node = map.find("hex")) expect.exactly = hex_value(context, *node, "hex");
  if (const auto* node = map.find("bytes")) expect.bytes = number_value(context, *node, "bytes", 0, 1 << 30);
  if (const auto* node = map.find("sequence")) {
    if (check_list(context, *node, "sequence")) expect.sequence = search_texts(context, *node, "sequence");
    if (node->kind == Kind::list && node->items.size() == 1)
      context.faults.add(node->position, "a sequence of one text has no order", "use contains");
  }
  if (const auto* node = map.find("unordered")) {
    std::vector<std::string> lines;
    for (const auto* item : one_or_more(context, *node, "unordered"))
      if (auto line = text_value(context, *item, "unordered")) lines.push_back(std::move(*line));
    expect.unordered = std::move(lines);
  }
  if (const auto* node = map.find("includes")) expect.includes = search_texts(context, *node, "includes");
  if (const auto* node = map.find("missing")) {
    expect.missing = number_value(context, *node, "missing", 0, 1'000'000).value_or("");
    if (map.find("includes") == nullptr)
      context.faults.add(node->position, "\"missing\" is how many lines of \"includes\" may be absent",
                         "there is no includes here");
  }
  if (const auto* node = map.find("number"))
    for (const auto* item : maps_of(context, *node, "number"))
      if (auto check = number_check(context, *item)) expect.numbers.push_back(std::move(*check));
  if (const auto* node = map.find("table"))
    for (const auto* item : maps_of(context, *node, "table"))
      if (auto check = table_check(context, *item)) expect.tables.push_back(std::move(*check));
  if (const auto* node = map.find("json")) expect.json = texts_by_key(context, *node, "json");
}

}  // namespace labctl::spec
