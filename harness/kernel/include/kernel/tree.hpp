// A folder that holds a kernel's source: recognised, hashed by content, copied.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

// Told of the files (tree) or bytes (tarball) handled so far.
using Advance = std::function<void(std::uint64_t done)>;

// The version in a kernel's top Makefile ("5.4.286", "6.2.0-rc1"), or "" when it is no such Makefile.
std::string makefile_version(std::string_view makefile);

// The version of the kernel tree in a folder. Fault::usage, with what was looked for, when it is none.
Result<std::string> tree_version(const std::filesystem::path& folder);

// Whether somebody has built or configured in the folder. Object files do not count: they are never copied.
bool has_build_products(const std::filesystem::path& folder);

// SHA-256 over every file's path, kind, execute permission and bytes (a link's target). .git and object files are
// left out. Times and owners do not count.
Result<std::string> hash_tree(const std::filesystem::path& folder, StopToken stop, const Advance& advance = {});

// Copies what a build needs into a folder that exists; returns the hash that hash_tree() gives, computed from the
// bytes that were copied.
Result<std::string> copy_tree(const std::filesystem::path& from, const std::filesystem::path& to, StopToken stop,
                              const Advance& advance = {});

// Whether an x86 build reads a file of the tree; path is relative to its top. Documentation, other architectures
// and self-tests are a third of all files.
bool needed_to_build(std::string_view path);

}  // namespace labctl
