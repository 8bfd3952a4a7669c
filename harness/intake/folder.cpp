#include <cerrno>
#include <functional>
#include <system_error>

#include "contents.hpp"
#include "support/files.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

ItemKind kind_of(const fs::file_status& status) {
  if (status.type() == fs::file_type::regular) return ItemKind::file;
  return status.type() == fs::file_type::symlink ? ItemKind::link : ItemKind::other;
}

// Nothing: the limits were reached.
Result<bool> add_file(Keeper& keeper, const fs::path& file, const std::string& path) {
  std::error_code error;
  const auto status = fs::symlink_status(file, error);
  if (error) return fail(system_error("cannot look at", file, error.value()).value());
  Item item{path, kind_of(status), {}};
  if (item.kind == ItemKind::file && is_source_name(path)) {
    const auto size = fs::file_size(file, error);
    if (error) return fail(system_error("cannot look at", file, error.value()).value());
    if (!keeper.may_read(path, size)) return false;
    auto bytes = read_file(file);
    if (!bytes) return fail(bytes.error());
    item.bytes = std::move(*bytes);
  }
  return keeper.add(std::move(item));
}

}  // namespace

Result<Contents> read_folder(const fs::path& folder, const IntakeLimits& limits, StopToken stop) {
  Keeper keeper(limits);
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(folder, error))) {
    if (auto added = add_file(keeper, folder, folder.filename().string()); !added) return fail(added.error());
    return keeper.take();
  }
  fs::recursive_directory_iterator walk(folder, error);
  if (error) return fail(system_error("cannot read", folder, error.value()).value());
  for (; walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    if (error) return fail(system_error("cannot read", folder, error.value()).value());
    if (stop.requested()) return fail(Fault::interrupted, "interrupted");
    const fs::path file = walk->path();
    const auto status = walk->symlink_status(error);
    if (fs::is_directory(status)) {
      if (is_clutter(file.filename().string())) walk.disable_recursion_pending();
      continue;
    }
    auto added = add_file(keeper, file, file.lexically_relative(folder).string());
    if (!added) return fail(added.error());
    if (!*added) break;
  }
  return keeper.take();
}

}  // namespace labctl
