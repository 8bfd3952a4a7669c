// What identifies a built kernel in the cache.
#pragma once

#include <string>
#include <vector>

#include "kernel/fragments.hpp"
#include "support/result.hpp"

namespace labctl {

// Raised when the files of an entry, or how they are made, change.
inline constexpr int entry_format = 1;

// "release" or "debug"; Fault::usage otherwise.
Status check_flavour(const std::string& flavour);

std::string kernel_key(const std::string& identity, const std::vector<Fragment>& fragments, const std::string& flavour,
                       const std::string& compiler);

}  // namespace labctl
