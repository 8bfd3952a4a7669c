// Small edits that make a variant of a module.
#pragma once

#include <vector>

#include "kmod/module_source.hpp"

namespace labctl {

// Makes them one after the other in the source's files, or in those of its tree, which become files of the source.
// Fault::usage when a file is not there, or its lines not exactly once.
Status replace_lines(ModuleSource& source, const std::vector<LineReplacement>& replacements);

}  // namespace labctl
