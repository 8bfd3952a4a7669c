// The text checks that read a text as something: bytes, numbers, lines, a table, JSON.
#pragma once

#include "context.hpp"
#include "model/lab.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

// Those of the map's keys, into expect.
void structure_checks(Context& context, const YamlNode& map, TextExpectation& expect);

}  // namespace labctl::spec
