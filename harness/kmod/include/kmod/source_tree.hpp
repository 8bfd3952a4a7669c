// A source tree as it is found, such as a book's companion repository: what a module in it can be built with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support/limits.hpp"
#include "support/result.hpp"

namespace labctl {

// Names are relative to the tree's root, without "." and "..".
struct TreeFile {
  std::string name;
  std::string bytes;
  bool executable = false;
};

struct TreeLink {
  std::string name;
  std::string target;  // relative to the link's folder, in the tree
};

struct SourceTree {
  std::filesystem::path root;         // on the host
  std::vector<TreeFile> files;        // sorted by name
  std::vector<TreeLink> links;        // symbolic ones, sorted by name
  std::vector<std::string> escaping;  // links that lead out of the tree, which are left out; sorted
  std::string digest;                 // of files and links

  // Null where there is none of that name. Links are not followed.
  const TreeFile* find(const std::string& name) const;
  // The name of the same file without links on the way.
  std::string resolved(const std::string& name) const;
  // Whether anything is below it; "" is the root.
  bool has_folder(const std::string& name) const;
};

// Reads a tree whole, but for what version control (.git) and builds (.o, .ko, ...) leave there. Fault::usage where
// there is no such folder, or more in it than limits.tree_bytes or limits.tree_files.
Result<SourceTree> read_tree(const std::filesystem::path& root, const Limits& limits);

// What of the tree is given to a submission that takes the place of `folder` in it: headers and links.
SourceTree shared_part(const SourceTree& tree, const std::string& folder);

// Writes the tree to a folder. A link is left out where something of its name is there already.
Status write_tree(const SourceTree& tree, const std::filesystem::path& to);

// "ch4/hello" and "../klib.c" → "ch4/klib.c". What leaves the root begins with "..".
std::string path_in_tree(const std::string& folder, const std::string& name);

}  // namespace labctl
