// How the JSON documents write a list.
#pragma once

#include <nlohmann/json.hpp>

namespace labctl {

// to_json makes the JSON of one item.
template <class Items, class Function>
nlohmann::ordered_json json_list(const Items& items, Function to_json) {
  auto array = nlohmann::ordered_json::array();
  for (const auto& item : items)
    array.push_back(to_json(item));
  return array;
}

}  // namespace labctl
