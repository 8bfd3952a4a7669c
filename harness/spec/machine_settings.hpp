// The machines that a lab or a test is done in. Each adds a fault for what is wrong and leaves it out.
#pragma once

#include <string>
#include <vector>

#include "context.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

// "debug", or a list of flavours.
std::vector<std::string> parse_flavours(Context& context, const YamlNode& node);

// 2, or a list of such numbers.
std::vector<int> parse_cpus(Context& context, const YamlNode& node);

// A list of names in all_devices().
std::vector<std::string> parse_devices(Context& context, const YamlNode& node);

// 16M: in MiB, from 1 to 1024; 0 with a fault.
int parse_disk(Context& context, const YamlNode& node);

}  // namespace labctl::spec
