// The tree of a spec → Lab.
#pragma once

#include "context.hpp"
#include "model/lab.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

// The lab without file and text. Whatever is wrong is added to the context's faults.
Lab parse_tree(Context& context, const YamlNode& root);

}  // namespace labctl::spec
