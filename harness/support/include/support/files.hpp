// Files that are read with a cap and written whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "support/fd.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

// Reads a regular file; an error (Fault::harness) when it cannot be read or is larger than max_bytes.
Result<std::string> read_file(const std::filesystem::path& file, std::uint64_t max_bytes = 1ULL << 30);

// Writes to a temporary name in the same folder and renames, so that a reader, or a process killed in the middle,
// sees all or nothing. Creates the folder.
Status write_file(const std::filesystem::path& file, std::string_view bytes);

// An error with errno's text, for example system_error("cannot write", file).
tl::unexpected<Error> system_error(std::string_view what, const std::filesystem::path& file, int error_number);

// An exclusive lock between processes (flock) on a file that it creates and, being only a lock, never removes.
// Released when the object or the process ends, however it ends.
class FileLock {
 public:
  // Waits until the lock is had, or until stop (Fault::interrupted). on_wait is called once if another process has
  // it, before the wait.
  static Result<FileLock> acquire(const std::filesystem::path& file, StopToken stop = {},
                                  const std::function<void()>& on_wait = {});
  // Fault::harness when another process has it.
  static Result<FileLock> try_acquire(const std::filesystem::path& file);

 private:
  explicit FileLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace labctl
