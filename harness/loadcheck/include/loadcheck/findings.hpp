// What would go wrong when a module is loaded. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadcheck/loading_kernel.hpp"
#include "loadcheck/module_file.hpp"

namespace labctl {

enum class FindingKind {
  not_a_module,
  vermagic,
  unknown_symbol,
  missing_dependency,  // a symbol of another module, which is not loaded
  gpl_only_symbol,
  symbol_version,    // its CRC is not the kernel's, or there is none
  symbol_namespace,  // not imported
  no_licence,
  licence,  // one that is not compatible with the GPL
};
// Stable: "vermagic", "unknown-symbol", ...
std::string_view finding_name(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::not_a_module;
  std::string symbol = {};   // that it is about; may be empty
  std::string what;          // one line: what is wrong
  std::string hint = {};     // one line: what to do next
  int error_number = 0;      // with which the load fails; 0: it does not, it is only a warning
  std::string log = {};      // the line that the kernel logs; empty: none, or not known
  std::string used_at = {};  // "hello.c:12", where the debug information says so; see check_module()

  bool prevents_load() const { return error_number != 0; }
};

// What other modules export.
struct OtherModules {
  std::vector<ExportedSymbol> loaded;      // by those that are loaded before
  std::vector<ExportedSymbol> not_loaded;  // by those that are at hand and could be
};

// In the order in which the kernel would meet them; it stops at the first that is not about a symbol.
std::vector<Finding> find_load_faults(const ModuleFile& module, const LoadingKernel& kernel,
                                      const OtherModules& others = {});
// Only what is wrong with its symbols and licence, which is known before the module is finished.
std::vector<Finding> find_symbol_faults(const ModuleFile& module, const LoadingKernel& kernel,
                                        const OtherModules& others = {});
Finding not_a_module(const BrokenFile& broken, const LoadingKernel& kernel);

// What is wrong and where: "Linux 6.1.192 has no frobnicate as it is built (used at hello.c:12)".
std::string finding_text(const Finding& finding);
// The same with what to do next, in one line.
std::string advice(const Finding& finding);

}  // namespace labctl
