// The "values" of a lab or a test.
#pragma once

#include <vector>

#include "context.hpp"
#include "model/lab.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

// Those of the map, which "values" is; their names are added to context.values.
std::vector<ValueSpec> parse_values(Context& context, const YamlNode& map);

}  // namespace labctl::spec
