// What a lab and its tests say of what modules may leave behind.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "context.hpp"
#include "model/lab.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

struct LeftoverRules {
  std::vector<std::string> flavours;  // empty: not given
  std::vector<AllowedLeftover> allowed;
  std::optional<bool> kmemleak;  // nothing: not given
};

LeftoverRules parse_leftovers(Context& context, const YamlNode& node);

}  // namespace labctl::spec
