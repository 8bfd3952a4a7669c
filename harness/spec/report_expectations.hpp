// The kernel reports that a test is about.
#pragma once

#include <vector>

#include "context.hpp"
#include "model/lab.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

// Of a test's `reports`: a kind, a map, or a list of these.
std::vector<ExpectedReport> parse_reports(Context& context, const YamlNode& node);

// Faults for a flavour that cannot show what the test expects. flavours: the node that names it.
void check_flavours(Context& context, const YamlNode& flavours, const Test& test);

}  // namespace labctl::spec
