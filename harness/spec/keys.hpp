// Every map of the language that has keys of its own, and these keys. A key that is not here is a fault, and
// docs/lab.schema.json has one definition of the same name for each: a test compares them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace labctl::spec {

using MapKeys = std::pair<std::string, std::vector<std::string>>;

// Without steps, which are in step_kinds() and common_step_keys().
const std::vector<MapKeys>& all_maps();
// map is a name in all_maps().
const std::vector<std::string>& keys_of(std::string_view map);

}  // namespace labctl::spec
