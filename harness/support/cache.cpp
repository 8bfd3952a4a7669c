#include "support/cache.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <sstream>
#include <tuple>
#include <vector>

#include "support/sha256.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// Lists an entry's files with their sizes and hashes; present only in an entry that was completed.
constexpr const char* seal_name = ".sealed";
constexpr std::string_view seal_end = "end\n";
// The files' stamps when they were last found whole.
constexpr const char* stamps_name = ".stamps";
constexpr const char* lock_name = ".owner";

fs::path lock_path(const fs::path& folder) {
  return folder / lock_name;
}

// A folder under tmp/ whose lock nobody holds was left by a process that was killed. Gives each with its lock.
std::vector<std::pair<fs::path, FileLock>> abandoned(const fs::path& tmp_root) {
  std::vector<std::pair<fs::path, FileLock>> folders;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(tmp_root, error)) {
    std::error_code ignored;
    if (!item.is_directory(ignored)) continue;
    if (auto lock = FileLock::try_acquire(lock_path(item.path()))) folders.emplace_back(item.path(), std::move(*lock));
  }
  return folders;
}

// Whoever writes to a file changes its time of change (ctime), which no program can set back.
std::string stamp_of(const fs::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return "missing\n";
  return fmt::format("{} {} {}.{:09} {}.{:09} {}\n", info.st_ino, info.st_size, info.st_mtim.tv_sec,
                     info.st_mtim.tv_nsec, info.st_ctim.tv_sec, info.st_ctim.tv_nsec, file.filename().string());
}

struct SealedFile {
  std::string name;  // below the entry's folder
  std::uintmax_t size = 0;
  std::string sha256;

  bool at_top() const { return name.find('/') == std::string::npos; }
};

struct Seal {
  std::vector<SealedFile> files;
  std::string fault;  // why it is none
};

Seal read_seal(const fs::path& folder) {
  Seal seal;
  auto text = read_file(folder / seal_name);
  if (!text) seal.fault = "it has no seal";
  if (text && !text->ends_with(seal_end)) seal.fault = "its seal is cut";
  if (!seal.fault.empty()) return seal;
  std::istringstream lines(text->substr(0, text->size() - seal_end.size()));
  SealedFile file;
  while (lines >> file.size >> file.sha256 && lines.get() == ' ' && std::getline(lines, file.name))
    seal.files.push_back(file);
  return seal;
}

std::string stamps_of(const fs::path& folder, const Seal& seal) {
  std::string stamps;
  for (const auto& file : seal.files)
    if (file.at_top()) stamps += stamp_of(folder / file.name);
  return stamps;
}

Status write_seal(const fs::path& folder) {
  std::vector<std::string> lines;
  std::error_code error;
  for (const auto& item : fs::recursive_directory_iterator(folder, error)) {
    std::error_code ignored;
    if (item.is_symlink(ignored) || !item.is_regular_file(ignored)) continue;
    auto hash = sha256_file(item.path());
    if (!hash) return fail(hash.error());
    lines.push_back(
        fmt::format("{} {} {}\n", item.file_size(ignored), *hash, fs::relative(item.path(), folder).string()));
  }
  if (error) return fail(Fault::harness, fmt::format("cannot list {}: {}", folder.string(), error.message()));
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const auto& line : lines)
    text += line;
  // The stamps are believed later without a look at the bytes, so those must outlive a loss of power.
  for (const auto& item : fs::directory_iterator(folder, error)) {
    const Fd file(::open(item.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file && ::fdatasync(file.get()) != 0 && errno != EINVAL && errno != EROFS)
      return system_error("cannot write", item.path(), errno);
  }
  if (auto written = write_file(folder / seal_name, text + std::string(seal_end)); !written) return written;
  return write_file(folder / stamps_name, stamps_of(folder, read_seal(folder)));
}

std::optional<std::string> fault_of(const fs::path& folder, const SealedFile& file) {
  struct stat info {};
  if (::stat((folder / file.name).c_str(), &info) != 0) return file.name + " is missing";
  if (static_cast<std::uintmax_t>(info.st_size) != file.size)
    return fmt::format("{} has {} bytes instead of {}", file.name, info.st_size, file.size);
  if (sha256_file(folder / file.name).value_or("") != file.sha256) return file.name + " has changed";
  return std::nullopt;
}

enum class Depth { top, all };

// What is wrong with an entry, or nothing. At the top, files whose stamps are the same as when they were last read
// need not be read again.
std::optional<std::string> damage(const fs::path& folder, Depth depth) {
  const Seal seal = read_seal(folder);
  if (!seal.fault.empty()) return seal.fault;
  const std::string stamps = stamps_of(folder, seal);
  if (depth == Depth::top && read_file(folder / stamps_name).value_or("") == stamps) return std::nullopt;
  for (const auto& file : seal.files)
    if (depth == Depth::all || file.at_top())
      if (auto fault = fault_of(folder, file)) return fault;
  // A cache that was copied is read once. One that cannot be written is read each time.
  (void)write_file(folder / stamps_name, stamps);
  return std::nullopt;
}

std::uintmax_t bytes_on_disk(const fs::path& folder) {
  std::uintmax_t bytes = 0;
  std::error_code error;
  for (const auto& item : fs::recursive_directory_iterator(folder, error)) {
    struct stat info {};
    if (::lstat(item.path().c_str(), &info) == 0) bytes += static_cast<std::uintmax_t>(info.st_blocks) * 512;
  }
  return bytes;
}

}  // namespace

Result<TempDir> TempDir::create(const fs::path& tmp_root, const std::string& prefix) {
  std::error_code error;
  fs::create_directories(tmp_root, error);
  if (error) return system_error("cannot create", tmp_root, error.value());
  // A new folder is not locked at once: nobody may look for abandoned ones meanwhile.
  auto turn = FileLock::acquire(tmp_root.string() + ".lock");
  if (!turn) return fail(turn.error());
  std::optional<FileLock> held(std::move(*turn));
  const auto left = abandoned(tmp_root);
  std::string name = (tmp_root / (prefix + ".XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) return system_error("cannot create a folder in", tmp_root, errno);
  auto lock = FileLock::try_acquire(lock_path(name));
  if (!lock) {
    fs::remove_all(name, error);
    return fail(lock.error());
  }
  held.reset();
  // This may take long; the others need not wait for it.
  for (const auto& item : left)
    fs::remove_all(item.first, error);
  return TempDir(name, std::move(*lock));
}

TempDir::TempDir(TempDir&& other) noexcept : path_(std::move(other.path_)), lock_(std::move(other.lock_)) {
  other.path_.clear();
}

TempDir& TempDir::operator=(TempDir&& other) noexcept {
  if (this != &other) {
    remove();
    path_ = std::move(other.path_);
    lock_ = std::move(other.lock_);
    other.path_.clear();
  }
  return *this;
}

TempDir::~TempDir() {
  remove();
}

void TempDir::remove() noexcept {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  lock_.reset();
  path_.clear();
}

Result<Cache> Cache::open(fs::path root, StopToken stop) {
  std::error_code error;
  fs::create_directories(root, error);
  const std::string hint = "make it writable, or name another folder: XDG_CACHE_HOME=DIR labctl ...";
  if (error)
    return fail(Fault::harness, fmt::format("cannot create the cache folder {}: {}", root.string(), error.message()),
                hint);
  // access() says yes to root on a read-only file system's files; creating a file is the honest test.
  const fs::path probe = root / fmt::format(".writable.{}", ::getpid());
  const Fd fd(::open(probe.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!fd)
    return fail(Fault::harness,
                fmt::format("cannot write in the cache folder {}: {}", root.string(),
                            std::error_code(errno, std::generic_category()).message()),
                hint);
  ::unlink(probe.c_str());
  return Cache(std::move(root), stop);
}

std::optional<fs::path> Cache::find(const std::string& kind, const std::string& key) const {
  const fs::path folder = root_ / kind / key;
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) return std::nullopt;
  if (auto why = damage(folder, Depth::top)) {
    if (on_note_)
      on_note_(fmt::format("damaged cache entry {}/{}: {}; it is made again", kind, key.substr(0, 12), *why));
    return std::nullopt;
  }
  // A folder's own time of change says when the entry was last used.
  ::utimensat(AT_FDCWD, folder.c_str(), nullptr, 0);
  return folder;
}

std::vector<CacheEntry> Cache::entries() const {
  std::vector<CacheEntry> entries;
  std::error_code error;
  for (const auto& kind : fs::directory_iterator(root_, error)) {
    std::error_code ignored;
    for (const auto& item : fs::directory_iterator(kind.path(), ignored)) {
      struct stat info {};
      if (!fs::exists(item.path() / seal_name, ignored) || ::stat(item.path().c_str(), &info) != 0) continue;
      entries.push_back({kind.path().filename(), item.path().filename(), bytes_on_disk(item.path()),
                         std::chrono::system_clock::from_time_t(info.st_mtim.tv_sec)});
    }
  }
  std::sort(entries.begin(), entries.end(), [](const CacheEntry& a, const CacheEntry& b) {
    return std::tie(a.kind, b.last_used, a.key) < std::tie(b.kind, a.last_used, b.key);
  });
  return entries;
}

Status Cache::remove(const std::string& kind, const std::string& key) const {
  auto held = lock(kind, key);
  if (!held) return fail(held.error());
  auto temporary = TempDir::create(tmp(), "removed");
  if (!temporary) return fail(temporary.error());
  std::error_code error;
  fs::rename(root_ / kind / key, temporary->path() / "entry", error);
  if (error && error != std::errc::no_such_file_or_directory)
    return system_error("cannot remove", root_ / kind / key, error.value());
  return {};
}

Result<FileLock> Cache::lock(const std::string& kind, const std::string& key) const {
  return FileLock::acquire(root_ / "locks" / (kind + "-" + key), stop_, [&] {
    if (on_note_) on_note_(fmt::format("waiting for another labctl that is making {}/{}", kind, key.substr(0, 12)));
  });
}

Status Cache::verify(const std::string& kind, const std::string& key) const {
  const fs::path folder = root_ / kind / key;
  auto held = lock(kind, key);
  if (!held) return fail(held.error());
  const auto why = damage(folder, Depth::all);
  if (!why) return {};
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return fail(Fault::harness, fmt::format("damaged cache entry {}/{}: {}", kind, key.substr(0, 12), *why),
              "it has been removed: run the same command again, which makes it anew");
}

Result<fs::path> Cache::get(const std::string& kind, const std::string& key,
                            const std::function<Status(const fs::path& folder)>& make) const {
  if (auto folder = find(kind, key)) return *folder;
  auto held = lock(kind, key);
  if (!held) return fail(held.error());
  if (auto folder = find(kind, key)) return *folder;  // another process made it while we waited

  auto temporary = TempDir::create(tmp(), kind);
  if (!temporary) return fail(temporary.error());
  const fs::path fresh = temporary->path() / "entry";
  std::error_code error;
  fs::create_directory(fresh, error);
  if (error) return system_error("cannot create", fresh, error.value());
  if (auto made = make(fresh); !made) return fail(made.error());
  if (auto sealed = write_seal(fresh); !sealed) return fail(sealed.error());

  const fs::path folder = root_ / kind / key;
  fs::create_directories(folder.parent_path(), error);
  if (fs::exists(folder, error)) fs::rename(folder, temporary->path() / "damaged", error);
  fs::rename(fresh, folder, error);
  if (error) return system_error("cannot put into the cache", folder, error.value());
  return folder;
}

}  // namespace labctl
