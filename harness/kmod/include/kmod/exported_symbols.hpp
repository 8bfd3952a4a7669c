// Which of a lab's modules use symbols that others of them export. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "kmod/module_source.hpp"

namespace labctl {

// What a module's sources, and what they include of its tree, say of symbols.
struct SymbolNames {
  std::set<std::string, std::less<>> exported;   // they stand in EXPORT_SYMBOL(...), or one of its kin
  std::set<std::string, std::less<>> mentioned;  // every other word: one too many costs nothing
};
SymbolNames symbol_names(const ModuleSource& source);

// For each module those whose symbols it uses: names that they export, that its sources mention, and that it does not
// export itself.
std::vector<std::vector<std::size_t>> used_modules(const std::vector<SymbolNames>& modules);

// An order in which every module comes after those that it uses. Where they use each other in a circle, which nothing
// can build or load, those of the circle come in the order given.
std::vector<std::size_t> build_order(const std::vector<std::vector<std::size_t>>& used);

// What of the lines of others' Module.symvers is about symbols that the module uses. The rest could contradict what it
// exports itself.
std::string symbols_used(const SymbolNames& names, const std::string& symvers);

}  // namespace labctl
