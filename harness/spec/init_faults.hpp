// The `faults` of a test: allocations of its modules' init functions that fail.
#pragma once

#include "context.hpp"
#include "model/lab.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

// "init": there is no other. False with a fault.
bool parse_faults(Context& context, const YamlNode& node);

// Faults for what goes not together with failing allocations. node: of "faults"; the test has its steps and reports.
void check_faults(Context& context, const YamlNode& node, const Test& test);

}  // namespace labctl::spec
