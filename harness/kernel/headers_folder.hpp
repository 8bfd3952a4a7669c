// The part of a built tree that `make -C HEADERS M=MODULE modules` reads.
#pragma once

#include <filesystem>
#include <string_view>

#include "support/result.hpp"

namespace labctl {

// Whether kbuild may read a file of the built tree for an external module; path is relative to its top.
bool needed_by_modules(std::string_view path);

// Copies those files into a folder that it creates.
Status copy_headers(const std::filesystem::path& tree, const std::filesystem::path& headers);

}  // namespace labctl
