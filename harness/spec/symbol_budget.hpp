// What a lab says of the kernel's symbols that a graded module may take.
#pragma once

#include "context.hpp"
#include "model/lab.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

SymbolBudget parse_symbols(Context& context, const YamlNode& node);

}  // namespace labctl::spec
