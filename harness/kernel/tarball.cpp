#include "kernel/tarball.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>

#include "decompressor.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// A kernel has 80,000 files and 1.4 GB; more than this is no kernel but a bomb.
constexpr std::uint64_t max_files = 500'000;
constexpr std::uint64_t max_bytes = 10ULL << 30;
constexpr std::size_t max_makefile = 1 << 20;
constexpr std::size_t block_bytes = 1 << 18;

struct CloseReader {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
struct CloseWriter {
  void operator()(archive* handle) const { archive_write_free(handle); }
};
using ReaderPtr = std::unique_ptr<archive, CloseReader>;
using WriterPtr = std::unique_ptr<archive, CloseWriter>;

std::string said(archive* handle) {
  const char* text = archive_error_string(handle);
  return printable(text != nullptr ? text : "unknown error");
}

tl::unexpected<Error> bad_tarball(const fs::path& file, const std::string& why) {
  return fail(Fault::usage, fmt::format("cannot unpack {}: {}", file.string(), why),
              "the file is damaged, incomplete or no kernel tarball: get it again");
}

// A tarball being read: decompressed in one thread, taken apart in this one.
struct Tarball {
  std::unique_ptr<Decompressor> stream;
  ReaderPtr reader;

  static Result<Tarball> open(const fs::path& file) {
    auto stream = Decompressor::open(file);
    if (!stream) return fail(stream.error());
    Tarball tarball{std::move(*stream), ReaderPtr(archive_read_new())};
    archive_read_support_format_tar(tarball.reader.get());
    if (archive_read_open_fd(tarball.reader.get(), tarball.stream->fd(), block_bytes) != ARCHIVE_OK)
      return tarball.damaged(file);
    return tarball;
  }

  // What is wrong with it: the compression's complaint, of which a tar that ends early is only the consequence.
  tl::unexpected<Error> damaged(const fs::path& file) {
    const std::string of_reader = said(reader.get());
    const std::string of_stream = stream->finish();
    return bad_tarball(file, of_stream.empty() ? of_reader : of_stream);
  }
};

// The path without the top folder; empty for the top folder itself. nullopt for a path that leaves the archive.
std::optional<std::string> below_top(const char* raw) {
  std::string_view path = raw != nullptr ? raw : "";
  while (path.starts_with("./"))
    path.remove_prefix(2);
  if (path.empty() || path.front() == '/') return std::nullopt;
  for (const auto& part : fs::path(path))
    if (part == "..") return std::nullopt;
  const auto slash = path.find('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(slash + 1));
}

tl::unexpected<Error> cannot_write(const fs::path& target, archive* writer) {
  const int number = archive_errno(writer);
  // libarchive's refusals (a link in the way, "..") have numbers of its own; they are the tarball's fault.
  if (number == ENOSPC || number == EDQUOT || number == EACCES || number == EROFS || number == EFBIG || number == EIO)
    return system_error("cannot unpack: cannot write", target, number);
  return bad_tarball(target, said(writer));
}

// Copies the entry's bytes; counts what it wrote.
Status copy_bytes(Tarball& tarball, archive* writer, const fs::path& file, const fs::path& target,
                  std::uint64_t& written) {
  const void* bytes = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  for (;;) {
    const int got = archive_read_data_block(tarball.reader.get(), &bytes, &size, &offset);
    if (got == ARCHIVE_EOF) return {};
    if (got != ARCHIVE_OK) return tarball.damaged(file);
    written += size;
    if (written > max_bytes) return bad_tarball(file, fmt::format("it holds more than {}", human_size(max_bytes)));
    if (archive_write_data_block(writer, bytes, size, offset) != ARCHIVE_OK) return cannot_write(target, writer);
  }
}

}  // namespace

Result<std::string> tarball_version(const fs::path& file, StopToken stop) {
  auto tarball = Tarball::open(file);
  if (!tarball) return fail(tarball.error());
  archive* const reader = tarball->reader.get();
  archive_entry* entry = nullptr;
  for (;;) {
    if (stop.requested()) return fail(Fault::interrupted, "interrupted");
    const int got = archive_read_next_header(reader, &entry);
    if (got == ARCHIVE_EOF) {
      if (auto why = tarball->stream->finish(); !why.empty()) return bad_tarball(file, why);
      return fail(Fault::usage,
                  fmt::format("{} is not a kernel source tarball: it has no Makefile with VERSION, PATCHLEVEL and "
                              "SUBLEVEL in its top folder",
                              file.string()));
    }
    if (got != ARCHIVE_OK && got != ARCHIVE_WARN) return tarball->damaged(file);
    if (below_top(archive_entry_pathname(entry)).value_or("") != "Makefile") continue;
    std::string text(max_makefile, '\0');
    const auto size = archive_read_data(reader, text.data(), text.size());
    if (size < 0) return tarball->damaged(file);
    text.resize(static_cast<std::size_t>(size));
    if (auto version = makefile_version(text); !version.empty()) return version;
  }
}

Status unpack_tarball(const fs::path& file, const fs::path& folder, StopToken stop, const Advance& advance) {
  auto tarball = Tarball::open(file);
  if (!tarball) return fail(tarball.error());
  archive* const reader = tarball->reader.get();
  std::error_code error;
  // SECURE_SYMLINKS refuses links anywhere in the path, so the part that is ours must have none.
  const fs::path top = fs::canonical(folder, error);
  if (error) return system_error("cannot unpack into", folder, error.value());
  WriterPtr writer(archive_write_disk_new());
  archive_write_disk_set_options(
      writer.get(), ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT);
  std::uint64_t files = 0, written = 0;
  archive_entry* entry = nullptr;
  for (;;) {
    if (stop.requested()) return fail(Fault::interrupted, "interrupted");
    const int got = archive_read_next_header(reader, &entry);
    if (got == ARCHIVE_EOF) break;
    if (got != ARCHIVE_OK && got != ARCHIVE_WARN) return tarball->damaged(file);
    if (++files > max_files) return bad_tarball(file, fmt::format("it holds more than {} files", max_files));
    if (advance && (files & 255) == 0) advance(tarball->stream->done());

    const auto name = below_top(archive_entry_pathname(entry));
    if (!name)
      return bad_tarball(file,
                         fmt::format("path {} leaves the archive", labctl::quoted(archive_entry_pathname(entry))));
    const auto kind = archive_entry_filetype(entry);
    const bool hard_link = archive_entry_hardlink(entry) != nullptr;
    if (name->empty() || kind == AE_IFDIR || !needed_to_build(*name)) continue;  // folders come with their files
    if (kind != AE_IFREG && kind != AE_IFLNK && !hard_link) continue;
    if (hard_link) {
      const auto target = below_top(archive_entry_hardlink(entry));
      if (!target || target->empty())
        return bad_tarball(file, fmt::format("{} is a link out of it", labctl::quoted(*name)));
      archive_entry_set_hardlink(entry, (top / *target).c_str());
    }
    const fs::path target = top / *name;
    archive_entry_set_pathname(entry, target.c_str());
    archive_entry_set_perm(entry, (archive_entry_perm(entry) & 0100) != 0 ? 0755 : 0644);
    if (archive_write_header(writer.get(), entry) != ARCHIVE_OK) return cannot_write(target, writer.get());
    if (archive_entry_size(entry) > 0)
      if (auto copied = copy_bytes(*tarball, writer.get(), file, target, written); !copied) return copied;
    if (archive_write_finish_entry(writer.get()) != ARCHIVE_OK) return cannot_write(target, writer.get());
  }
  // A stream that breaks off between two files looks like the end of the archive.
  if (auto why = tarball->stream->finish(); !why.empty()) return bad_tarball(file, why);
  if (archive_write_close(writer.get()) != ARCHIVE_OK) return cannot_write(top, writer.get());
  return {};
}

}  // namespace labctl
