// The text checks that read, run and dmesg share: texts, regular expressions, and whether they can hold together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "context.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

// One text to look for, or several; empty texts are faults, since a check for one cannot fail.
std::vector<std::string> search_texts(Context& context, const YamlNode& node, std::string_view what);
// As search_texts, each a valid RE2 expression that does not match just anything.
// The same of one expression with one group.
std::optional<std::string> group_pattern(Context& context, const YamlNode& node, std::string_view what);
std::vector<std::string> search_patterns(Context& context, const YamlNode& node, std::string_view what);

// A fault for each text in `lacking` that is part of one in `wanted`: they cannot both hold.
void check_not_contradictory(Context& context, const YamlNode& lacks_node, const std::vector<std::string>& lacking,
                             std::string_view wanted_key, const std::vector<std::string>& wanted);

// equals, contains, lacks, matches, lines.
const std::vector<std::string>& text_check_keys();
// The text checks of a map whose other keys have been checked by the caller.
TextExpectation text_checks(Context& context, const YamlNode& map);
// A map of text checks, or a bare text for equals.
TextExpectation text_expectation(Context& context, const YamlNode& node, std::string_view what);

}  // namespace labctl::spec
