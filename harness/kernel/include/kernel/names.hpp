// What a kernel's name means on this machine: its source, and the cache entry of each flavour that was built.
// One small file for each name, <cache>/kernels/names/<name>.json, written whole or not at all.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/cache.hpp"
#include "support/result.hpp"

namespace labctl {

inline constexpr const char* kernel_name_rule = "a name has letters, digits, '.', '_', '+' and '-', at most 64";
bool is_kernel_name(const std::string& name);

enum class SourceKind {
  catalogue,  // whatever kernels.yaml says for the name
  folder,     // a tree given with --source
  tarball,    // a tarball given with --source
};

struct NamedSource {
  SourceKind kind = SourceKind::catalogue;
  std::filesystem::path path;  // absolute; where the source was when it was last read
  std::string identity;        // SHA-256 of the tarball, or of the tree's content
  std::string stamp;           // of a package's tarball: size and time, which change when it is upgraded
  std::string version;         // from its Makefile: "5.4.286"; empty before it was first read
};

struct BuiltFlavour {
  std::string key;      // the entry in the cache; a digest of all that it is built from
  std::string release;  // "5.4.286"
};

struct NameRecord {
  NamedSource source;
  std::map<std::string, BuiltFlavour> flavours;
};

// The record of a name; nothing when there is none or it cannot be read, which only means that it is written anew.
std::optional<NameRecord> read_name_record(const Cache& cache, const std::string& name);

// Remembers a build. Flavours of the same source stay, those of another source go.
Status remember_build(const Cache& cache, const std::string& name, const NamedSource& source,
                      const std::string& flavour, const BuiltFlavour& built);

// The names with a record, sorted.
std::vector<std::string> recorded_names(const Cache& cache);

}  // namespace labctl
