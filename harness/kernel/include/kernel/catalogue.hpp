// kernel-config/kernels.yaml: the kernels labctl knows, where their sources come from and which fragments they take.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace labctl {

// A tarball that is downloaded and verified before use.
struct TarballSource {
  std::vector<std::string> urls;  // tried in order
  std::string sha256;             // 64 hexadecimal digits
};

// A tarball that a distribution's package installs.
struct PackageSource {
  std::string package;         // "linux-source-6.1"
  std::filesystem::path path;  // "/usr/src/linux-source-6.1.tar.xz"
};

struct CatalogueEntry {
  std::string name;                     // "5.4"
  std::string version;                  // "5.4.302"; empty where the package decides
  std::vector<TarballSource> tarballs;  // at most one
  std::vector<PackageSource> packages;  // at most one
  // Fragment files under kernel-config/, in the order in which they are applied.
  std::vector<std::string> release_fragments;
  std::vector<std::string> debug_fragments;
};

struct Catalogue {
  std::string default_name;
  std::vector<CatalogueEntry> entries;  // the default first, then the order of fallback

  const CatalogueEntry* find(const std::string& name) const;
  // The entry whose fragments suit a tree of that version: the nearest series that is not newer, else the oldest.
  const CatalogueEntry& nearest_series(const std::string& version) const;
};

// Errors are Fault::usage with file:line:column.
Result<Catalogue> read_catalogue(const std::filesystem::path& kernels_yaml);

}  // namespace labctl
