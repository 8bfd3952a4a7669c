// The emulated devices that a lab may ask for besides what every machine has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace labctl {

struct Device {
  std::string name;                 // in a spec
  std::string summary;              // one line for people
  std::vector<std::string> config;  // kernel options without which nothing comes of it, without CONFIG_
};

const std::vector<Device>& all_devices();
// Null when there is none of that name.
const Device* find_device(std::string_view name);
std::vector<std::string> device_names();

}  // namespace labctl
