#include "kernel/download.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <memory>

#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr long connect_seconds = 10;
// Under 1 kB/s for this long counts as dead.
constexpr long slow_seconds = 30;
constexpr long slow_bytes_per_second = 1000;

struct CloseCurl {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

struct Transfer {
  Fd out;
  int write_error = 0;
  std::uint64_t offset = 0;  // where this transfer continues
  bool announced = false;
  std::string title;
  Progress* progress = nullptr;
  StopToken stop;
};

std::size_t on_data(char* bytes, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::size_t put = 0;
  while (put < size) {
    const ssize_t done = ::write(transfer.out.get(), bytes + put, size - put);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      transfer.write_error = errno;
      return 0;
    }
    put += static_cast<std::size_t>(done);
  }
  return size;
}

int on_progress(void* user, curl_off_t total, curl_off_t now, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.stop.requested()) return 1;
  constexpr std::uint64_t megabyte = 1'000'000;
  if (!transfer.announced && total > 0) {
    transfer.announced = true;
    transfer.progress->begin(transfer.title, (transfer.offset + static_cast<std::uint64_t>(total)) / megabyte, "MB");
  }
  if (transfer.announced) transfer.progress->advance((transfer.offset + static_cast<std::uint64_t>(now)) / megabyte);
  return 0;
}

void allow_protocols(CURL* curl) {
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,file");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FILE);
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
}

enum class Outcome { complete, failed, must_restart };

struct Attempt {
  Outcome outcome = Outcome::failed;
  Error error;  // when failed
};

Attempt failed(Error error) {
  return {Outcome::failed, std::move(error)};
}

// One transfer from one address, appended to the part that is there.
Attempt transfer_once(const std::string& url, const fs::path& part, Progress& progress, StopToken stop) {
  Transfer transfer;
  transfer.out = Fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!transfer.out) return failed(system_error("cannot write", part, errno).value());
  std::error_code ignored;
  transfer.offset = fs::file_size(part, ignored);
  transfer.title = fmt::format("downloading {}", url.substr(url.rfind('/') + 1));
  transfer.progress = &progress;
  transfer.stop = stop;

  const std::unique_ptr<CURL, CloseCurl> curl(curl_easy_init());
  if (!curl) return failed({Fault::harness, "cannot start a download: out of memory"});
  char message[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  allow_protocols(curl.get());
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, connect_seconds);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, slow_seconds);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, slow_bytes_per_second);
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "labctl");
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, message);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);
  if (transfer.offset > 0)
    curl_easy_setopt(curl.get(), CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(transfer.offset));

  const CURLcode code = curl_easy_perform(curl.get());
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (transfer.announced) progress.end(code == CURLE_OK);
  if (code == CURLE_OK) return {Outcome::complete, {}};
  if (stop.requested()) return failed({Fault::interrupted, "interrupted"});
  if (transfer.write_error != 0) return failed(system_error("cannot write", part, transfer.write_error).value());
  // 416: nothing lies beyond what we have; the hash tells whether it is all. Others cannot continue at all.
  if (transfer.offset > 0 && status == 416) return {Outcome::complete, {}};
  if (transfer.offset > 0 &&
      (code == CURLE_RANGE_ERROR || code == CURLE_BAD_DOWNLOAD_RESUME || code == CURLE_FILE_COULDNT_READ_FILE))
    return {Outcome::must_restart, {}};
  return failed({Fault::harness,
                 fmt::format("cannot download {}: {}", url, message[0] != '\0' ? message : curl_easy_strerror(code))});
}

Error wrong_hash(const std::string& url, const std::string& wanted, const std::string& got) {
  return {Fault::harness, fmt::format("{} is not the file it should be: SHA-256 is {}, not {}", url, got, wanted),
          "it has been removed; a proxy or mirror may have changed it: try another network, or give the source with "
          "--source"};
}

// The whole file from one address, verified. A part left by an earlier run that turns out wrong is dropped once.
Status download_from(const std::string& url, const std::string& sha256, const fs::path& file, const fs::path& part,
                     Progress& progress, StopToken stop) {
  std::error_code ignored;
  for (bool again = false;; again = true) {
    const bool continued = fs::file_size(part, ignored) > 0 && !ignored;
    const Attempt attempt = transfer_once(url, part, progress, stop);
    if (attempt.outcome == Outcome::failed) return fail(attempt.error);
    Error why;
    if (attempt.outcome == Outcome::complete) {
      auto hash = sha256_file(part);
      if (!hash) return fail(hash.error());
      if (*hash == sha256) {
        std::error_code error;
        fs::rename(part, file, error);
        if (error) return system_error("cannot write", file, error.value());
        return {};
      }
      why = wrong_hash(url, sha256, *hash);
    }
    fs::remove(part, ignored);
    if (again || !continued) return fail(why);
  }
}

}  // namespace

Status download(const TarballSource& source, const fs::path& file, Progress& progress, StopToken stop) {
  auto lock = FileLock::acquire(file.string() + ".lock");
  if (!lock) return fail(lock.error());
  std::error_code ignored;
  if (fs::exists(file, ignored)) {
    auto hash = sha256_file(file);
    if (hash && *hash == source.sha256) return {};
    progress.note(fmt::format("{} is damaged; downloading it again", file.string()));
    fs::remove(file, ignored);
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  Error last;
  for (const auto& url : source.urls) {
    auto done = download_from(url, source.sha256, file, file.string() + ".part", progress, stop);
    if (done || done.error().fault == Fault::interrupted) return done;
    last = done.error();
  }
  return fail(last);
}

}  // namespace labctl
