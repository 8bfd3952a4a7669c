#include "support/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace labctl {

namespace fs = std::filesystem;

tl::unexpected<Error> system_error(std::string_view what, const fs::path& file, int error_number) {
  std::string hint;
  if (error_number == ENOSPC || error_number == EDQUOT) hint = "free some disk space, then run the same command again";
  if (error_number == EACCES || error_number == EROFS || error_number == EPERM)
    hint = "check the permissions of " + file.parent_path().string();
  return fail(Fault::harness, fmt::format("{} {}: {}", what, file.string(), std::strerror(error_number)), hint);
}

Result<std::string> read_file(const fs::path& file, std::uint64_t max_bytes) {
  Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_error("cannot read", file, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) == 0 && !S_ISREG(info.st_mode))
    return fail(Fault::harness, fmt::format("cannot read {}: not a regular file", file.string()));
  std::string text;
  std::string buffer(1 << 16, '\0');
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot read", file, errno);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > max_bytes)
      return fail(Fault::harness, fmt::format("cannot read {}: larger than {} bytes", file.string(), max_bytes));
  }
}

namespace {

// Removes the temporary file unless the write came to its end.
struct RemoveOnFailure {
  std::string name;
  bool armed = true;
  ~RemoveOnFailure() {
    if (armed) ::unlink(name.c_str());
  }
};

}  // namespace

Status write_file(const fs::path& file, std::string_view bytes) {
  std::error_code ignored;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), ignored);
  std::string name = file.string() + ".XXXXXX";
  Fd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd) return system_error("cannot write", file, errno);
  RemoveOnFailure guard{name};
  ::fchmod(fd.get(), 0644);
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error("cannot write", file, errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::rename(name.c_str(), file.c_str()) != 0) return system_error("cannot write", file, errno);
  guard.armed = false;
  return {};
}

namespace {

enum class Locked { is_error, is_no_error };

Result<Fd> lock_file(const fs::path& file, Locked locked) {
  std::error_code ignored;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), ignored);
  Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return system_error("cannot lock", file, errno);
  if (locked == Locked::is_error && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return fail(Fault::harness, fmt::format("{} is locked by another labctl", file.string()));
    return system_error("cannot lock", file, errno);
  }
  return fd;
}

}  // namespace

Result<FileLock> FileLock::acquire(const fs::path& file, StopToken stop, const std::function<void()>& on_wait) {
  auto fd = lock_file(file, Locked::is_no_error);
  if (!fd) return fail(fd.error());
  bool told = false;
  // A blocking flock() would miss a signal that comes just before it, and nothing else tells of a lock set free.
  while (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return system_error("cannot lock", file, errno);
    if (!told && on_wait) on_wait();
    told = true;
    pollfd item{stop.fd(), POLLIN, 0};
    if (::poll(&item, 1, 50) > 0) return fail(Fault::interrupted, "interrupted while waiting for another labctl");
  }
  return FileLock(std::move(*fd));
}

Result<FileLock> FileLock::try_acquire(const fs::path& file) {
  auto fd = lock_file(file, Locked::is_error);
  if (!fd) return fail(fd.error());
  return FileLock(std::move(*fd));
}

}  // namespace labctl
