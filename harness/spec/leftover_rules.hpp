// What a lab and its tests say of what modules may leave behind.
#pragma once

#include <string>
#include <vector>

#include "context.hpp"
#include "model/lab.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

struct LeftoverRules {
  std::vector<std::string> flavours;  // empty: not given
  std::vector<AllowedLeftover> allowed;
};

LeftoverRules parse_leftovers(Context& context, const YamlNode& node);

}  // namespace labctl::spec
