#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <memory>

#include "contents.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

struct CloseReader {
  void operator()(archive* handle) const { archive_read_free(handle); }
};

constexpr std::size_t block_bytes = 1 << 16;
constexpr std::uint64_t ratio_from = 1 << 20;

std::string lower(std::string text) {
  for (char& c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// "." and empty parts go, "\" is "/" as in archives from Windows. Nothing where the path leads out of the archive.
std::optional<std::string> plain_path(std::string path) {
  for (char& c : path)
    if (c == '\\') c = '/';
  if (path.starts_with('/') || (path.size() > 1 && path[1] == ':')) return std::nullopt;
  std::string plain;
  for (const auto& part : fs::path(path)) {
    if (part == "..") return std::nullopt;
    if (part == "." || part.empty()) continue;
    plain += (plain.empty() ? "" : "/") + part.string();
  }
  return plain;
}

bool in_clutter(const std::string& path) {
  const fs::path whole(path);
  return std::any_of(whole.begin(), whole.end(), [](const fs::path& part) { return is_clutter(part.string()); });
}

// libarchive gives names in the thread's locale, and those that it cannot say in that not at all.
class NamesInUtf8 {
 public:
  NamesInUtf8() : utf8_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), before_(::uselocale(utf8_)) {}
  ~NamesInUtf8() {
    ::uselocale(before_);
    if (utf8_ != nullptr) ::freelocale(utf8_);
  }
  NamesInUtf8(const NamesInUtf8&) = delete;
  NamesInUtf8& operator=(const NamesInUtf8&) = delete;

 private:
  locale_t utf8_, before_;
};

class ArchiveReader {
 public:
  ArchiveReader(const fs::path& file, const IntakeLimits& limits)
      : file_(file), limits_(limits), keeper_(limits), reader_(archive_read_new()) {}

  Result<Contents> read(StopToken stop) {
    std::error_code error;
    packed_ = fs::file_size(file_, error);
    archive_read_support_format_zip(reader_.get());
    archive_read_support_format_tar(reader_.get());
    archive_read_support_filter_gzip(reader_.get());
    archive_read_support_filter_bzip2(reader_.get());
    archive_read_support_filter_xz(reader_.get());
    archive_read_support_filter_zstd(reader_.get());
    if (archive_read_open_filename(reader_.get(), file_.c_str(), block_bytes) != ARCHIVE_OK) {
      const int number = archive_errno(reader_.get());
      if (number == EACCES || number == ENOENT || number == EIO || number == EMFILE)
        return fail(Fault::harness, fmt::format("cannot read {}: {}", file_.string(), why()));
      keeper_.refuse("the archive cannot be read: " + why());
      return keeper_.take();
    }
    archive_entry* entry = nullptr;
    for (;;) {
      if (stop.requested()) return fail(Fault::interrupted, "interrupted");
      const int got = archive_read_next_header(reader_.get(), &entry);
      if (got == ARCHIVE_EOF) break;
      if (got != ARCHIVE_OK && got != ARCHIVE_WARN) {
        keeper_.refuse("the archive is damaged: " + why());
        break;
      }
      if (!take_in(entry)) break;
    }
    return keeper_.take();
  }

 private:
  std::string why() const {
    const char* text = archive_error_string(reader_.get());
    return text == nullptr ? "unknown error" : printable(text);
  }

  // False: no more is read.
  bool take_in(archive_entry* entry) {
    const char* raw = archive_entry_pathname(entry);
    const std::string name = raw == nullptr ? "(no name)" : raw;
    const auto path = plain_path(name);
    if (!path) {
      keeper_.refuse(fmt::format("{} leads out of the archive", labctl::quoted(name)));
      return false;
    }
    if (archive_entry_is_data_encrypted(entry) != 0) {
      keeper_.refuse("the archive has a password: hand it in without");
      return false;
    }
    if (++headers_ > limits_.items) {
      keeper_.refuse(fmt::format("more than {} files are in the archive: hand in the sources alone", limits_.items));
      return false;
    }
    const bool link = archive_entry_hardlink(entry) != nullptr || archive_entry_filetype(entry) == AE_IFLNK;
    if (archive_entry_filetype(entry) == AE_IFDIR && !link) return true;
    if (path->empty() || in_clutter(*path)) return drain(nullptr, *path);
    Item item{*path, ItemKind::file, {}};
    if (link) {
      item.kind = ItemKind::link;
    } else if (archive_entry_filetype(entry) != AE_IFREG) {
      item.kind = ItemKind::other;
    }
    // A header may say any size, so what counts is what comes out.
    const bool wanted = item.kind == ItemKind::file && is_source_name(*path);
    if (!drain(wanted ? &item.bytes : nullptr, *path)) return false;
    return keeper_.add(std::move(item));
  }

  bool drain(std::string* kept, const std::string& path) {
    std::array<char, block_bytes> block;
    for (;;) {
      const la_ssize_t got = archive_read_data(reader_.get(), block.data(), block.size());
      if (got == 0) return true;
      if (got < 0) {
        keeper_.refuse("the archive is damaged: " + why());
        return false;
      }
      unpacked_ += static_cast<std::uint64_t>(got);
      if (unpacked_ > limits_.unpacked_bytes) {
        keeper_.refuse(fmt::format("the archive unpacks to more than {}", human_size(limits_.unpacked_bytes)));
        return false;
      }
      if (unpacked_ > ratio_from && unpacked_ / std::max<std::uint64_t>(packed_, 1) > limits_.ratio) {
        keeper_.refuse(fmt::format("the archive unpacks to more than {} times its size", limits_.ratio));
        return false;
      }
      if (kept == nullptr) continue;
      if (!keeper_.may_read(path, kept->size() + static_cast<std::uint64_t>(got))) return false;
      kept->append(block.data(), static_cast<std::size_t>(got));
    }
  }

  const NamesInUtf8 utf8_;
  const fs::path& file_;
  const IntakeLimits& limits_;
  Keeper keeper_;
  std::unique_ptr<archive, CloseReader> reader_;
  std::uint64_t packed_ = 0;
  std::uint64_t unpacked_ = 0;
  std::size_t headers_ = 0;  // folders and what is not looked at, too
};

}  // namespace

bool is_archive_name(const std::string& name) {
  static constexpr std::array<const char*, 9> endings = {".zip",  ".tar",    ".tar.gz", ".tgz",    ".tar.bz2",
                                                         ".tbz2", ".tar.xz", ".txz",    ".tar.zst"};
  const std::string plain = lower(name);
  return std::any_of(endings.begin(), endings.end(), [&](const char* ending) { return plain.ends_with(ending); });
}

Result<Contents> read_archive(const fs::path& file, const IntakeLimits& limits, StopToken stop) {
  return ArchiveReader(file, limits).read(stop);
}

}  // namespace labctl
