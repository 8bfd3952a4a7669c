#include "decompressor.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t block_bytes = 1 << 18;
constexpr int pipe_bytes = 1 << 20;

struct CloseReader {
  void operator()(archive* handle) const { archive_read_free(handle); }
};

std::string said(archive* handle) {
  const char* text = archive_error_string(handle);
  return printable(text != nullptr ? text : "unknown error");
}

// False when nobody reads any more.
bool write_all(int fd, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t put = ::write(fd, bytes, size);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes += put;
    size -= static_cast<std::size_t>(put);
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<Decompressor>> Decompressor::open(const fs::path& file) {
  if (const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC)); !fd) {
    Error error = system_error("cannot read", file, errno).value();
    error.fault = Fault::usage;
    return fail(error);
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return fail(Fault::harness, fmt::format("cannot create a pipe: {}", std::strerror(errno)));
  std::unique_ptr<Decompressor> decompressor(new Decompressor);
  decompressor->read_end_ = Fd(ends[0]);
  decompressor->write_end_ = Fd(ends[1]);
  ::fcntl(ends[1], F_SETPIPE_SZ, pipe_bytes);
  decompressor->thread_ = std::thread([d = decompressor.get(), file] { d->run(file); });
  return decompressor;
}

Decompressor::~Decompressor() {
  finish();
}

std::string Decompressor::finish() {
  read_end_.reset();
  if (thread_.joinable()) thread_.join();
  return error_;
}

void Decompressor::run(fs::path file) {
  // A reader that stops early is no reason to die; signals are the main thread's affair.
  sigset_t all;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);

  const std::unique_ptr<archive, CloseReader> reader(archive_read_new());
  archive_read_support_filter_all(reader.get());
  archive_read_support_format_raw(reader.get());
  archive_entry* entry = nullptr;
  int got = archive_read_open_filename(reader.get(), file.c_str(), block_bytes);
  if (got == ARCHIVE_OK) got = archive_read_next_header(reader.get(), &entry);
  while (got == ARCHIVE_OK) {
    const void* bytes = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    got = archive_read_data_block(reader.get(), &bytes, &size, &offset);
    done_ = static_cast<std::uint64_t>(archive_filter_bytes(reader.get(), -1));
    if (got == ARCHIVE_OK && !write_all(write_end_.get(), static_cast<const char*>(bytes), size)) break;
  }
  if (got != ARCHIVE_OK && got != ARCHIVE_EOF) error_ = said(reader.get());
  write_end_.reset();
}

}  // namespace labctl
