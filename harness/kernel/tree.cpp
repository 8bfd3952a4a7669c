#include "kernel/tree.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <vector>

#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t max_makefile_bytes = 1 << 20;
constexpr std::uint64_t max_file_bytes = 256 << 20;

std::string_view after(std::string_view line, std::string_view name) {
  if (!line.starts_with(name)) return {};
  line.remove_prefix(name.size());
  while (!line.empty() && line.front() == ' ')
    line.remove_prefix(1);
  if (line.empty() || line.front() != '=') return {};
  line.remove_prefix(1);
  while (!line.empty() && line.front() == ' ')
    line.remove_prefix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r'))
    line.remove_suffix(1);
  return line;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 6 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What a build leaves beside the sources. make clean would remove it too; not reading it saves the time.
bool is_object(const fs::path& file) {
  const std::string name = file.filename().string();
  for (const char* ending : {".o", ".a", ".ko", ".cmd", ".o.d"})
    if (name.ends_with(ending)) return true;
  return name.starts_with(".tmp_") || name == "vmlinux";
}

Result<std::vector<std::string>> list_files(const fs::path& folder, StopToken stop) {
  std::vector<std::string> files;
  std::error_code error;
  const auto prefix = folder.string().size() + 1;
  fs::recursive_directory_iterator item(folder, error), end;
  for (; !error && item != end; item.increment(error)) {
    if (item->path().filename() == ".git") {
      item.disable_recursion_pending();
      continue;
    }
    std::error_code ignored;
    const auto kind = item->symlink_status(ignored).type();
    if (kind == fs::file_type::directory && stop.requested()) return fail(Fault::interrupted, "interrupted");
    const bool wanted = kind == fs::file_type::symlink || (kind == fs::file_type::regular && !is_object(item->path()));
    if (wanted) files.push_back(item->path().string().substr(prefix));
  }
  if (error) return fail(Fault::harness, fmt::format("cannot list {}: {}", folder.string(), error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

// Times are kept: make compares those of a source with those of the file generated from it.
Status keep_times(const struct stat& info, const fs::path& to) {
  const timespec times[2] = {info.st_atim, info.st_mtim};
  if (::utimensat(AT_FDCWD, to.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0)
    return system_error("cannot set the time of", to, errno);
  return {};
}

Status put_file(const struct stat& info, const fs::path& to, std::string_view bytes) {
  Fd fd(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (info.st_mode & S_IXUSR) != 0 ? 0755 : 0644));
  if (!fd) return system_error("cannot write", to, errno);
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error("cannot write", to, errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return keep_times(info, to);
}

// Hashes one file or link and, if `to` is not empty, copies it there.
Status take(const fs::path& file, const std::string& name, const fs::path& to, Sha256& hash) {
  struct stat info {};
  if (::lstat(file.c_str(), &info) != 0) return system_error("cannot read", file, errno);
  std::error_code error;
  if (S_ISLNK(info.st_mode)) {
    const fs::path target = fs::read_symlink(file, error);
    if (error) return system_error("cannot read", file, error.value());
    hash.field(name).field("link").field(target.string());
    if (to.empty()) return {};
    fs::create_symlink(target, to, error);
    if (error) return system_error("cannot write", to, error.value());
    return keep_times(info, to);
  }
  auto bytes = read_file(file, max_file_bytes);
  if (!bytes) return fail(bytes.error());
  hash.field(name).field((info.st_mode & S_IXUSR) != 0 ? "program" : "file").field(*bytes);
  return to.empty() ? Status{} : put_file(info, to, *bytes);
}

Result<std::string> walk(const fs::path& from, const fs::path& to, StopToken stop, const Advance& advance) {
  auto files = list_files(from, stop);
  if (!files) return fail(files.error());
  Sha256 hash;
  hash.field("kernel tree 1");
  std::uint64_t done = 0;
  fs::path last_folder;
  for (const auto& name : *files) {
    if (stop.requested()) return fail(Fault::interrupted, "interrupted");
    fs::path target;
    if (!to.empty() && needed_to_build(name)) {
      target = to / name;
      if (target.parent_path() != last_folder) {
        std::error_code error;
        last_folder = target.parent_path();
        fs::create_directories(last_folder, error);
        if (error) return system_error("cannot create", last_folder, error.value());
      }
    }
    if (auto taken = take(from / name, name, target, hash); !taken) return fail(taken.error());
    if (advance && (++done & 255) == 0) advance(done);
  }
  return hash.hex();
}

}  // namespace

std::string makefile_version(std::string_view makefile) {
  std::string_view version, patch, sub, extra;
  bool has_extra = false;
  int read = 0;
  for (auto line : split_lines(makefile)) {
    if (++read > 40) break;
    if (version.empty()) version = after(line, "VERSION");
    if (patch.empty()) patch = after(line, "PATCHLEVEL");
    if (sub.empty()) sub = after(line, "SUBLEVEL");
    if (!has_extra && line.starts_with("EXTRAVERSION")) {
      extra = after(line, "EXTRAVERSION");
      has_extra = true;
    }
  }
  if (!is_number(version) || !is_number(patch) || !is_number(sub)) return {};
  return fmt::format("{}.{}.{}{}", version, patch, sub, extra);
}

Result<std::string> tree_version(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    return fail(Fault::usage, fmt::format("there is no folder {}", folder.string()));
  std::vector<std::string> missing;
  std::string version;
  if (auto makefile = read_file(folder / "Makefile", max_makefile_bytes)) version = makefile_version(*makefile);
  if (version.empty()) missing.push_back("a Makefile with VERSION, PATCHLEVEL and SUBLEVEL");
  for (const char* name : {"Kbuild", "arch/x86", "scripts"})
    if (!fs::exists(folder / name, ignored)) missing.push_back(name);
  if (!missing.empty())
    return fail(Fault::usage,
                fmt::format("{} is not a kernel source tree: it has no {}", folder.string(), join(missing, ", no ")),
                "give the folder that holds the kernel's own Makefile (not a build folder, not its parent)");
  return version;
}

bool has_build_products(const fs::path& folder) {
  std::error_code ignored;
  for (const char* name : {".config", "include/config", "include/generated", "arch/x86/include/generated"})
    if (fs::exists(folder / name, ignored)) return true;
  return false;
}

Result<std::string> hash_tree(const fs::path& folder, StopToken stop, const Advance& advance) {
  return walk(folder, {}, stop, advance);
}

Result<std::string> copy_tree(const fs::path& from, const fs::path& to, StopToken stop, const Advance& advance) {
  return walk(from, to, stop, advance);
}

bool needed_to_build(std::string_view path) {
  const auto name = path.substr(path.rfind('/') + 1);
  // Kconfig and `make mrproper` read these everywhere.
  if (name.starts_with("Kconfig") || name.starts_with("Makefile") || name == "Kbuild") return true;
  if (path.starts_with("Documentation/") || path.starts_with("tools/testing/") || path.starts_with("tools/perf/"))
    return false;
  constexpr std::string_view arch = "arch/";
  if (!path.starts_with(arch)) return true;
  const auto rest = path.substr(arch.size());
  return rest.find('/') == std::string_view::npos || rest.starts_with("x86/");
}

}  // namespace labctl
