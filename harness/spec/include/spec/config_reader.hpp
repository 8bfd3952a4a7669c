// The user's own settings: $XDG_CONFIG_HOME/labctl/config.yaml. Strict, like a lab spec.
#pragma once

#include <filesystem>
#include <string>

#include "support/result.hpp"

namespace labctl {

struct Config {
  std::string connect;  // what --connect is where it is not given; empty: this machine
};

// Pure. file: a name for locations. Fault::usage, with the place of every mistake.
Result<Config> parse_config(const std::filesystem::path& file, const std::string& text);

// A file that is not there is an empty one. Fault::harness where it cannot be read.
Result<Config> read_config(const std::filesystem::path& file);

}  // namespace labctl
