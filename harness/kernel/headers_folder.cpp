#include "headers_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "support/files.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// Below scripts/, folders that only the kernel's own build or its developers use.
constexpr std::array<std::string_view, 13> unused_scripts = {
    "atomic/",   "clang-tools/", "coccinelle/", "dtc/",     "dummy-tools/", "gcc-plugins/", "gdb/",
    "genksyms/", "kconfig/",     "ksymoops/",   "package/", "selinux/",     "tracing/"};

bool has_prefix(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix);
}

// Whether anything below a folder may be needed, so that the walk need not look into drivers/.
bool may_hold_needed(std::string_view folder) {
  for (std::string_view top : {"include", "scripts", "arch/x86/include", "tools/objtool"})
    if (folder == top || has_prefix(folder, std::string(top) + "/") || has_prefix(top, std::string(folder) + "/"))
      return true;
  return false;
}

}  // namespace

bool needed_by_modules(std::string_view path) {
  for (std::string_view file : {"Makefile", "Kbuild", ".config", "Module.symvers", "include/config/auto.conf",
                                "include/config/kernel.release", "tools/objtool/objtool"})
    if (path == file) return true;
  const auto name = path.substr(path.rfind('/') + 1);
  if (name.ends_with(".o") || name.ends_with(".cmd") || name.ends_with(".a")) return false;
  // The rest of include/config are empty files that only in-tree dependencies look at.
  if (has_prefix(path, "include/config/")) return false;
  if (has_prefix(path, "include/") || has_prefix(path, "arch/x86/include/")) return true;
  if (has_prefix(path, "arch/x86/Makefile")) return true;
  constexpr std::string_view scripts = "scripts/";
  if (!has_prefix(path, scripts)) return false;
  const auto rest = path.substr(scripts.size());
  return std::none_of(unused_scripts.begin(), unused_scripts.end(),
                      [&](std::string_view folder) { return has_prefix(rest, folder); });
}

Status copy_headers(const fs::path& tree, const fs::path& headers) {
  std::error_code error;
  const auto prefix = tree.string().size() + 1;
  fs::recursive_directory_iterator item(tree, error), end;
  for (; !error && item != end; item.increment(error)) {
    const std::string path = item->path().string().substr(prefix);
    const auto kind = item->symlink_status(error).type();
    if (error) break;
    if (kind == fs::file_type::directory) {
      if (!may_hold_needed(path)) item.disable_recursion_pending();
      continue;
    }
    if (!needed_by_modules(path) || (kind != fs::file_type::regular && kind != fs::file_type::symlink)) continue;
    const fs::path target = headers / path;
    fs::create_directories(target.parent_path(), error);
    if (!error) fs::copy(item->path(), target, fs::copy_options::copy_symlinks, error);
    if (error) return system_error("cannot write", target, error.value());
  }
  if (error) return fail(Fault::harness, fmt::format("cannot list {}: {}", tree.string(), error.message()));
  return {};
}

}  // namespace labctl
