// Files for machines that cannot read this user's own: on another host, or run by a daemon. They travel through a
// storage pool of the host, and stay there, by content.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "connection.hpp"
#include "support/stop.hpp"
#include "virt/owner.hpp"

namespace labctl {

// Whether a volume of that name is labctl's copy of a file: "labctl-" and a SHA-256.
bool is_cached_volume(const std::string& name);
// The name of a volume that one machine has for itself. kind: "disk", "console".
std::string own_volume_name(const std::string& kind, const Owner& owner, int number);
// Whether it is such a one, and of a machine whose process has ended.
bool is_stale_volume(const std::string& name);

class Volumes {
 public:
  // The host's pool "labctl", else "default"; it must be one of folders ("dir"), and active.
  static Result<std::unique_ptr<Volumes>> open(std::shared_ptr<Connection> connection);
  ~Volumes();

  // The pool's folder, on the host.
  const std::filesystem::path& folder() const { return folder_; }
  std::string name() const;

  // Where on the host a file is, copied there now if it is not. Any thread.
  Result<std::filesystem::path> bring(const std::filesystem::path& file, StopToken stop);

  // An empty volume of that size, and where it is on the host.
  Result<std::filesystem::path> make(const std::string& name, std::uint64_t bytes);
  // What is in one, but not more than that of it.
  Result<std::string> read(const std::string& name, std::uint64_t most_bytes);
  void remove(const std::string& name);

  struct Removed {
    std::size_t volumes = 0;
    std::uint64_t bytes = 0;
  };
  // Removes copies of files that were not read for that time, and what machines of processes that have ended have
  // left.
  Result<Removed> prune(std::chrono::hours unused);
  // Only the latter. What cannot be removed stays.
  void sweep();

 private:
  Volumes(std::shared_ptr<Connection> connection, virStoragePoolPtr pool)
      : connection_(std::move(connection)), api_(connection_->api()), pool_(pool) {}
  Status look_at_pool();
  Result<std::filesystem::path> path_of(virStorageVolPtr volume) const;
  Status upload(virStorageVolPtr volume, const std::filesystem::path& file, std::uint64_t bytes, StopToken stop);
  Result<Removed> remove_where(const std::function<bool(virStorageVolPtr, const std::string&)>& unwanted);
  bool is_complete(virStorageVolPtr volume, std::uint64_t bytes) const;
  Result<virStorageVolPtr> create(const std::string& name, std::uint64_t bytes);

  const std::shared_ptr<Connection> connection_;
  const LibvirtApi& api_;
  const virStoragePoolPtr pool_;
  std::filesystem::path folder_;

  std::mutex mutex_;
  std::map<std::filesystem::path, std::filesystem::path> brought_;
};

}  // namespace labctl
