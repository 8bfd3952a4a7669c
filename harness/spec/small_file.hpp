// What the readers of all YAML files but lab.yaml have in common. Inside spec/ only.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "context.hpp"
#include "support/result.hpp"
#include "yaml_tree.hpp"

namespace labctl::spec {

// Has `read` look at the tree of a text. Success when there were no faults, else Fault::usage, with the first 50 of
// them listed. described: where the file's keys are described.
Status read_small_file(const std::filesystem::path& file, const std::string& text, const std::string& described,
                       const std::function<void(Context& context, const YamlNode& root)>& read);

}  // namespace labctl::spec
