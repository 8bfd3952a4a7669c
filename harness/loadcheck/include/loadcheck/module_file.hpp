// What a .ko says of itself, read as the kernel reads it when it is told to load it. Pure, and safe for any bytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace labctl {

struct UndefinedSymbol {
  std::string name;
  bool weak = false;  // may be missing
};

struct ExportedSymbol {
  std::string name;
  std::string module;  // that exports it; "vmlinux": the kernel itself
  bool gpl_only = false;
  std::uint32_t crc = 0;        // of its type, where the kernel has CONFIG_MODVERSIONS
  std::string name_space = {};  // that its users must import; mostly empty
};

struct ModuleFile {
  std::string name;                               // as the kernel calls it: "pair_user"
  std::string version;                            // of MODULE_VERSION; mostly empty
  std::optional<std::string> licence;             // of MODULE_LICENSE
  std::optional<std::string> vermagic;            // "6.1.192 SMP mod_unload ", with that last space
  std::vector<std::string> depends;               // modules whose symbols it was built to use
  std::vector<std::string> parameters;            // names
  std::vector<std::string> namespaces;            // that it imports
  std::vector<UndefinedSymbol> undefined;         // what it takes from elsewhere, in the order of its symbol table
  std::vector<ExportedSymbol> exported;           // without CRCs
  std::map<std::string, std::uint32_t> versions;  // CRCs of what it uses (__versions)
  bool has_versions = false;                      // whether it has that section
  bool stripped = false;                          // it has no symbol table
  bool finished = false;  // modpost has done its part: an object file on the way to a module has no struct module
};

struct BrokenFile {
  std::string what;  // one line: "it is no ELF file"
  std::string log;   // what Linux 6.1 says to it; empty: not known
};

// bytes: a whole file. An object file of a module that is not finished is read too.
tl::expected<ModuleFile, BrokenFile> read_module_file(std::string_view bytes);

}  // namespace labctl
