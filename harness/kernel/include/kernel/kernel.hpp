// A built kernel, ready to boot and to build modules against.
#pragma once

#include <filesystem>
#include <string>

#include "model/result.hpp"

namespace labctl {

struct Kernel {
  KernelIdentity identity;
  std::filesystem::path folder;  // its entry in the cache

  std::filesystem::path bzimage() const { return folder / "bzImage"; }
  std::filesystem::path vmlinux() const { return folder / "vmlinux"; }        // stripped: boots through PVH
  std::filesystem::path symbols() const { return folder / "vmlinux.debug"; }  // with symbols, DWARF in debug
  std::filesystem::path config() const { return folder / "config"; }
  std::filesystem::path system_map() const { return folder / "System.map"; }
  // What kbuild needs for `make -C headers M=...`: the headers, scripts and tools of the tree, self-contained.
  std::filesystem::path headers() const { return folder / "headers"; }
};

// "6.1.192" against "6.1": negative, 0, positive. Compares as many numbers as the shorter has, so that "6.1" equals
// every 6.1.y. Suffixes that are not numbers ("-rc1", "+") are ignored.
int compare_versions(const std::string& a, const std::string& b);

}  // namespace labctl
