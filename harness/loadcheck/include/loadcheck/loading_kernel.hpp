// What decides in a kernel whether a module can be loaded.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/kernel.hpp"
#include "loadcheck/module_file.hpp"
#include "support/result.hpp"

namespace labctl {

// Where the kernel's headers declare a symbol.
struct Declaration {
  std::string header;                // "include/linux/usb.h"
  std::vector<std::string> options;  // that its #if and #ifdef ask for and the kernel has not: "CONFIG_PM"
};

struct LoadingKernel {
  std::string name = {};     // as `labctl kernel build` takes it: "6.1", "6.1 --flavour debug"
  std::string release = {};  // "6.1.192"
  std::string vermagic = {};
  bool modversions = false;
  std::map<std::string, ExportedSymbol, std::less<>> exports = {};
  std::string system_map = {};  // "ffffffff81000000 T _text" lines: all its symbols
  // May be empty: nothing is known then.
  std::function<std::optional<Declaration>(const std::string& symbol)> declaration = {};
};

// Of an entry in the cache. Its headers are searched only when a symbol is asked for. Fault::harness when it cannot be
// read.
Result<LoadingKernel> read_loading_kernel(const Kernel& kernel);

// Pure. What stands in a module of a kernel with this config (VERMAGIC_STRING in <linux/vermagic.h>, x86-64).
std::string vermagic_of(const std::string& release, std::string_view config);

// Pure. The lines of a Module.symvers.
std::vector<ExportedSymbol> parse_symvers(std::string_view text);

// Pure. Whether the header's text declares the symbol, and under which CONFIG_ options.
std::optional<std::vector<std::string>> options_around(std::string_view header, std::string_view symbol);

}  // namespace labctl
