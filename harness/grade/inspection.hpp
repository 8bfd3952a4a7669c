// What a built module uses that a solution has no need of. Inside grade/ only.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "model/lab.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

struct ModuleUse {
  std::set<std::string> symbols;        // that it takes from elsewhere
  std::set<std::string> instructions;   // of those that act behind the kernel's back
  std::set<std::string> foreign_files;  // that it was built from and that are not its own
  std::set<std::string> objects;        // digests of the .ko files that were looked at
  bool unreadable = false;              // there is more code than anybody writes: it was not looked at
};

// Reads a .ko with nm and objdump.
Result<ModuleUse> module_use(const std::filesystem::path& ko, StopToken stop);

// Pure: what of it is forbidden, by labctl or by the lab, and not used by the reference either; a sentence each.
std::vector<std::string> forbidden_use(const ModuleUse& use, const ModuleUse& reference, const SymbolBudget& budget);

// Pure: the instructions of that kind in what `objdump -d --no-show-raw-insn` prints.
std::set<std::string> suspicious_instructions(std::string_view disassembly);

}  // namespace labctl
