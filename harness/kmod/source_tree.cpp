#include "kmod/source_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

bool ends_with_one_of(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

// What is no source: kept by version control, or left behind where somebody ran make.
bool is_left_out(const std::string& name) {
  return name == ".git" || name == ".hg" || name == ".svn" || name == ".tmp_versions" || name == "modules.order" ||
         name == "Module.symvers" ||
         ends_with_one_of(name, {".o", ".ko", ".mod", ".mod.c", ".cmd", ".o.d", ".a", ".ko.debug"});
}

bool is_inside(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

// Where a link leads, from its own folder. Nothing when that is nowhere; out is set when it is not in the tree.
std::string target_of(const fs::path& link, const fs::path& root, bool& out) {
  std::error_code error;
  const fs::path target = fs::read_symlink(link, error);
  const fs::path real = fs::weakly_canonical(link.parent_path() / target, error);
  out = !error && !is_inside(real, root);
  if (error || out || !fs::exists(real, error)) return {};
  const fs::path relative = real.lexically_relative(link.parent_path());
  return relative.string();
}

class Reader {
 public:
  Reader(SourceTree& tree, const Limits& limits) : tree_(tree), limits_(limits) {}

  Status read() {
    std::error_code error;
    fs::recursive_directory_iterator item(tree_.root, error), end;
    for (; !error && item != end; item.increment(error)) {
      if (is_left_out(item->path().filename())) {
        item.disable_recursion_pending();
        continue;
      }
      if (auto taken = take(*item); !taken) return taken;
    }
    if (error) return fail(Fault::usage, fmt::format("cannot list {}: {}", tree_.root.string(), error.message()));
    return {};
  }

 private:
  Status take(const fs::directory_entry& item) {
    std::error_code error;
    const std::string name = item.path().lexically_relative(tree_.root).string();
    const auto status = item.symlink_status(error);
    if (status.type() == fs::file_type::symlink) {
      bool out = false;
      std::string target = target_of(item.path(), tree_.root, out);
      if (out) tree_.escaping.push_back(name);
      if (!target.empty()) tree_.links.push_back({name, std::move(target)});
      return {};
    }
    if (status.type() != fs::file_type::regular) return {};
    bytes_ += item.file_size(error);
    if (bytes_ > limits_.tree_bytes || tree_.files.size() >= limits_.tree_files)
      return fail(Fault::usage,
                  fmt::format("the tree {} holds more than {} files or {}", tree_.root.string(), limits_.tree_files,
                              human_size(limits_.tree_bytes)),
                  "give a folder further down as \"tree\"");
    auto bytes = read_file(item.path(), limits_.tree_bytes);
    if (!bytes) return fail(Fault::usage, bytes.error().message);
    const bool executable = (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
    tree_.files.push_back({name, std::move(*bytes), executable});
    return {};
  }

  SourceTree& tree_;
  const Limits& limits_;
  std::uint64_t bytes_ = 0;
};

void seal(SourceTree& tree) {
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::sort(tree.files.begin(), tree.files.end(), by_name);
  std::sort(tree.links.begin(), tree.links.end(), by_name);
  std::sort(tree.escaping.begin(), tree.escaping.end());
  Sha256 hash;
  hash.field(std::to_string(tree.files.size()));
  for (const auto& file : tree.files)
    hash.field(file.name).field(file.bytes).field(file.executable ? "x" : "-");
  for (const auto& link : tree.links)
    hash.field(link.name).field(link.target);
  tree.digest = hash.hex();
}

}  // namespace

const TreeFile* SourceTree::find(const std::string& name) const {
  const auto found =
      std::lower_bound(files.begin(), files.end(), name,
                       [](const TreeFile& file, const std::string& wanted) { return file.name < wanted; });
  return found != files.end() && found->name == name ? &*found : nullptr;
}

std::string SourceTree::resolved(const std::string& name) const {
  constexpr int max_links = 40;  // as the kernel has it
  std::string path = name;
  for (int followed = 0; followed < max_links; ++followed) {
    const auto on_the_way = std::find_if(links.begin(), links.end(), [&path](const TreeLink& link) {
      return path == link.name || path.starts_with(link.name + "/");
    });
    if (on_the_way == links.end()) return path;
    const std::string folder = fs::path(on_the_way->name).parent_path();
    path = path_in_tree(folder, on_the_way->target + path.substr(on_the_way->name.size()));
  }
  return path;
}

bool SourceTree::has_folder(const std::string& name) const {
  const auto below = [&name](const auto& item) { return item.name.starts_with(name + "/"); };
  return name.empty() || std::any_of(files.begin(), files.end(), below) ||
         std::any_of(links.begin(), links.end(), below);
}

Result<SourceTree> read_tree(const fs::path& root, const Limits& limits) {
  SourceTree tree;
  std::error_code error;
  tree.root = fs::canonical(root, error);
  if (error || !fs::is_directory(tree.root, error))
    return fail(Fault::usage, fmt::format("there is no folder {}", root.string()),
                "\"tree\" is a source tree's root, absolute or relative to the lab's folder");
  if (auto read = Reader(tree, limits).read(); !read) return fail(read.error());
  seal(tree);
  return tree;
}

SourceTree shared_part(const SourceTree& tree, const std::string& folder) {
  SourceTree part;
  part.root = tree.root;
  part.links = tree.links;
  std::copy_if(tree.files.begin(), tree.files.end(), std::back_inserter(part.files), [&](const TreeFile& file) {
    return file.name.ends_with(".h") && !folder.empty() && !file.name.starts_with(folder + "/");
  });
  seal(part);
  return part;
}

Status write_tree(const SourceTree& tree, const fs::path& to) {
  std::error_code error;
  for (const auto& file : tree.files) {
    const fs::path path = to / file.name;
    fs::create_directories(path.parent_path(), error);
    if (error) return system_error("cannot create", path.parent_path(), error.value());
    std::ofstream out(path, std::ios::binary);
    out << file.bytes;
    out.close();
    if (!out) return fail(Fault::harness, fmt::format("cannot write {}", path.string()), "is the disk full?");
    if (file.executable) fs::permissions(path, fs::perms::owner_exec, fs::perm_options::add, error);
    if (error) return system_error("cannot change", path, error.value());
  }
  for (const auto& link : tree.links) {
    const fs::path path = to / link.name;
    fs::create_directories(path.parent_path(), error);
    if (fs::symlink_status(path, error).type() != fs::file_type::not_found) continue;
    fs::create_symlink(link.target, path, error);
    if (error) return system_error("cannot create", path, error.value());
  }
  return {};
}

std::string path_in_tree(const std::string& folder, const std::string& name) {
  std::string path = (fs::path(folder) / name).lexically_normal().string();
  if (path.ends_with('/')) path.pop_back();
  return path == "." ? "" : path;
}

}  // namespace labctl
