// Scalars, lists and maps of a spec → values. Each function adds a fault and returns nothing when the node is not what
// is wanted; a refused node gives nothing without another fault. `what` names the value in messages: the key.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "context.hpp"
#include "model/lab.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

// "a list", "a map", "nothing", or the scalar, in quotes unless it was written plain.
std::string describe(const YamlNode& node);

// Whether node is a map that has something in it; faults for keys that are not those of `map`, a name in keys.hpp.
// what: "kernel", "a test".
bool check_map(Context& context, const YamlNode& node, std::string_view what, std::string_view map);
// The value of a key that must be there; a fault at the map otherwise. of: "a lab"; example: how it is written.
const YamlNode* required(Context& context, const YamlNode& map, std::string_view key, std::string_view of,
                         std::string_view example);
// Whether node is a list that has something in it.
bool check_list(Context& context, const YamlNode& node, std::string_view what);

// Any text, "" included. A plain number or true is taken as written; null is no text.
std::optional<std::string> text_value(Context& context, const YamlNode& node, std::string_view what);
// Not empty, one line, no control characters, at most 200 bytes: names, titles.
std::optional<std::string> line_value(Context& context, const YamlNode& node, std::string_view what);
// line_value of each item of a list that passes check, which adds a fault otherwise; faults for an item given twice.
using ItemCheck = std::function<bool(Context& context, const YamlNode& item, const std::string& text)>;
std::vector<std::string> line_list(Context& context, const YamlNode& node, std::string_view what, ItemCheck check);
// The nodes of "one text or a list of texts".
std::vector<const YamlNode*> one_or_more(Context& context, const YamlNode& node, std::string_view what);

std::optional<std::int64_t> integer_value(Context& context, const YamlNode& node, std::string_view what,
                                          std::int64_t least, std::int64_t most);
std::optional<bool> bool_value(Context& context, const YamlNode& node, std::string_view what);
// 500ms, 5s, 2min: from 1 ms to 10 min.
std::optional<std::chrono::milliseconds> duration_value(Context& context, const YamlNode& node, std::string_view what);
// 256M, 1G: in MiB; least and most too.
std::optional<int> size_value(Context& context, const YamlNode& node, std::string_view what, int least, int most);
// "5.4" or "5.4.302".
std::optional<std::string> version_value(Context& context, const YamlNode& node, std::string_view what);
// The position in `choices` of a scalar that is one of them.
std::optional<std::size_t> choice_value(Context& context, const YamlNode& node, std::string_view what,
                                        const std::vector<std::string>& choices);
// EINVAL → 22.
std::optional<int> errno_value(Context& context, const YamlNode& node);
// SIGSEGV → 11.
std::optional<int> signal_value(Context& context, const YamlNode& node);
// The same, only signals that end a program.
std::optional<int> ending_signal_value(Context& context, const YamlNode& node);
// Bytes as "de ad be ef"; blanks do not count.
std::optional<std::string> hex_value(Context& context, const YamlNode& node, std::string_view what);
// A whole number from least to most, or a text with ${...} in it, whose value is not known yet.
std::optional<Number> number_value(Context& context, const YamlNode& node, std::string_view what, std::int64_t least,
                                   std::int64_t most);
// The same without ${...}: where a value cannot stand.
std::optional<std::int64_t> fixed_number_value(Context& context, const YamlNode& node, std::string_view what,
                                               std::int64_t least, std::int64_t most);
// What a test calls a file, a background step or a moment: a-z, 0-9, _ and -, a letter first.
std::optional<std::string> label_value(Context& context, const YamlNode& node, std::string_view what);
// An absolute path, or a label that an open step has given: order.cpp looks whether it has.
std::optional<std::string> guest_file(Context& context, const YamlNode& node, std::string_view what);
// A value's name, as ${...} reads it.
bool is_value_name(std::string_view text);
inline constexpr const char* value_name_form = "letters, digits and _, a letter first, at most 40, and not round";
// Whether a text holds ${...}, so that what it will be is not known yet.
bool has_values(std::string_view text);
// An absolute path in the guest.
std::optional<std::string> guest_path(Context& context, const YamlNode& node, std::string_view what);

}  // namespace labctl::spec
