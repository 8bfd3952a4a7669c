// Which of a lab's modules use symbols that others of them export. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kmod/module_source.hpp"

namespace labctl {

// The names that stand in EXPORT_SYMBOL(...), or one of its kin, in the module's sources.
std::vector<std::string> exported_symbols(const ModuleSource& source);

// For each module those whose symbols it uses: names that they export, that its sources mention, and that it does not
// export itself.
std::vector<std::vector<std::size_t>> used_modules(const std::vector<ModuleSource>& modules);

// An order in which every module comes after those that it uses. Where they use each other in a circle, which nothing
// can build or load, those of the circle come in the order given.
std::vector<std::size_t> build_order(const std::vector<std::vector<std::size_t>>& used);

// What of the lines of others' Module.symvers is about symbols that the module uses. The rest could contradict what it
// exports itself.
std::string symbols_used(const ModuleSource& source, const std::string& symvers);

}  // namespace labctl
