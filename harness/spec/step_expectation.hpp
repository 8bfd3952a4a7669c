// What a step expects of its system call: an errno, or that it succeeds and what it gives.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "context.hpp"
#include "model/lab.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

// The step's expect as a map with the keys of `map`, a name in keys.hpp; null when it has none or a fault was added.
const YamlNode* expect_map(Context& context, const YamlNode& step, std::string_view map);

// 0 where none is expected.
int expected_errno(Context& context, const YamlNode& expect);

// A failed call gives nothing to check: a fault for each of keys that stands beside errno.
void check_errno_alone(Context& context, const YamlNode& expect, const std::vector<std::string>& keys);

// Of a step that gives a text: bare text, text checks, or an errno. `map` has errno and the text checks; what else it
// has the step reads itself.
TextExpectation text_or_errno(Context& context, const YamlNode& step, int& expect_errno,
                              std::string_view map = "expect_text");

}  // namespace labctl::spec
