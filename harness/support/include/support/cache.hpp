// The content-addressed cache under $XDG_CACHE_HOME/labctl. It can be deleted at any time by hand.
//
// An entry is a folder that appears whole: it is filled under tmp/, sealed with a list of its files, their sizes and
// hashes, and renamed. When it is opened the files at its top are compared by their stamps (inode, size, times), and
// read where a stamp differs; a damaged entry counts as absent and is made again. verify() reads everything, for the
// moment when something built from an entry fails and the question is whose fault it is.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/files.hpp"
#include "support/result.hpp"

namespace labctl {

// A folder under the cache's tmp/ that is removed with the object. If the process is killed, the next process that
// creates one removes it: the folder's lock tells whether its owner still lives.
class TempDir {
 public:
  static Result<TempDir> create(const std::filesystem::path& tmp_root, const std::string& prefix);
  TempDir(TempDir&&) noexcept;
  TempDir& operator=(TempDir&&) noexcept;
  ~TempDir();

  const std::filesystem::path& path() const { return path_; }

 private:
  TempDir(std::filesystem::path path, FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  void remove() noexcept;

  std::filesystem::path path_;
  std::optional<FileLock> lock_;
};

struct CacheEntry {
  std::string kind;
  std::string key;
  std::uintmax_t bytes = 0;  // on disk; holes do not count
  std::chrono::system_clock::time_point last_used;
};

class Cache {
 public:
  // Fault::harness, with what to do, when the folder cannot be created or written.
  // stop ends waits for another labctl that is making the same entry.
  static Result<Cache> open(std::filesystem::path root, StopToken stop = {});

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path tmp() const { return root_ / "tmp"; }

  // The folder of an entry that is complete, nothing otherwise. kind is a plain folder name ("kernels"), key is
  // what Sha256::hex gives. A damaged entry counts as absent; on_damage is told which.
  std::optional<std::filesystem::path> find(const std::string& kind, const std::string& key) const;

  // Returns the entry, making it first if it is absent. make fills the folder it is given. Across processes one
  // makes it and the others wait. If make fails nothing is left.
  Result<std::filesystem::path> get(const std::string& kind, const std::string& key,
                                    const std::function<Status(const std::filesystem::path& folder)>& make) const;

  // Compares every file of an entry with its seal. A damaged entry is removed and the error names the first fault.
  Status verify(const std::string& kind, const std::string& key) const;

  // Every complete entry, by kind, the last used first.
  std::vector<CacheEntry> entries() const;
  // Waits for whoever is making it. An entry that is not there is no error.
  Status remove(const std::string& kind, const std::string& key) const;

  // Told, in one line, of each damaged entry found and of each wait for another labctl. Set before use; default:
  // ignored.
  void on_note(std::function<void(const std::string&)> told) { on_note_ = std::move(told); }

 private:
  Cache(std::filesystem::path root, StopToken stop) : root_(std::move(root)), stop_(stop) {}
  Result<FileLock> lock(const std::string& kind, const std::string& key) const;

  std::filesystem::path root_;
  StopToken stop_;
  std::function<void(const std::string&)> on_note_;
};

}  // namespace labctl
