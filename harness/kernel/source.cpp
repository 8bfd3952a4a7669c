#include "source.hpp"

#include <fmt/format.h>

#include "kernel/download.hpp"
#include "kernel/tarball.hpp"
#include "kernel/tree.hpp"
#include "support/sha256.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// Ends the piece of work however the function is left.
class Work {
 public:
  Work(Progress& progress, const std::string& title, std::uint64_t total, const std::string& unit)
      : progress_(progress) {
    progress_.begin(title, total, unit);
  }
  ~Work() { progress_.end(succeeded_); }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  void succeed() { succeeded_ = true; }

 private:
  Progress& progress_;
  bool succeeded_ = false;
};

constexpr std::uint64_t files_in_a_kernel = 70'000;
constexpr std::uint64_t megabyte = 1'000'000;

std::string file_stamp(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) return {};
  const auto time = fs::last_write_time(file, error).time_since_epoch().count();
  if (error) return {};
  return fmt::format("{} {} {}", file.string(), size, time);
}

std::string file_name_of(const std::string& url) {
  return url.substr(url.rfind('/') + 1);
}

fs::path downloaded_file(const Cache& cache, const TarballSource& tarball) {
  return cache.root() / "sources" / file_name_of(tarball.urls.front());
}

std::string host_of(const std::string& url) {
  const auto begin = url.find("://");
  if (begin == std::string::npos) return url;
  return url.substr(begin + 3, url.find('/', begin + 3) - begin - 3);
}

Status stage_folder(const NamedSource& source, const fs::path& folder, Progress& progress, StopToken stop) {
  std::error_code ignored;
  if (!fs::is_directory(source.path, ignored))
    return fail(Fault::usage, fmt::format("the kernel's source {} is gone", source.path.string()));
  Work work(progress, "copying " + source.path.string(), files_in_a_kernel, "files");
  auto hash = copy_tree(source.path, folder, stop, [&](std::uint64_t done) { progress.advance(done); });
  if (!hash) return fail(hash.error());
  if (*hash != source.identity)
    return fail(Fault::usage, fmt::format("the kernel's source {} has changed", source.path.string()));
  work.succeed();
  return {};
}

Status stage_tarball(const NamedSource& source, const fs::path& folder, Progress& progress, StopToken stop) {
  auto hash = sha256_file(source.path);
  if (!hash) return fail(Fault::usage, fmt::format("the kernel's source is gone: {}", hash.error().message));
  if (*hash != source.identity)
    return fail(Fault::usage, fmt::format("the kernel's source {} has changed", source.path.string()));
  std::error_code ignored;
  Work work(progress, "unpacking " + source.path.filename().string(), fs::file_size(source.path, ignored) / megabyte,
            "MB");
  auto unpacked =
      unpack_tarball(source.path, folder, stop, [&](std::uint64_t done) { progress.advance(done / megabyte); });
  if (unpacked) work.succeed();
  return unpacked;
}

}  // namespace

std::string describe_source(const CatalogueEntry& entry) {
  if (!entry.tarballs.empty()) {
    const std::string& url = entry.tarballs.front().urls.front();
    return fmt::format("{} from {}", file_name_of(url), host_of(url));
  }
  return fmt::format("package {}", entry.packages.front().package);
}

std::string describe_source(const NamedSource& source) {
  return fmt::format("{} {}", source.kind == SourceKind::folder ? "folder" : "tarball", source.path.string());
}

std::string catalogue_stamp(const CatalogueEntry& entry) {
  if (!entry.tarballs.empty()) return entry.tarballs.front().sha256;
  return file_stamp(entry.packages.front().path);
}

bool source_is_here(const Cache& cache, const CatalogueEntry& entry) {
  std::error_code ignored;
  return entry.tarballs.empty() || fs::exists(downloaded_file(cache, entry.tarballs.front()), ignored);
}

Result<fs::path> fetch_source(const Cache& cache, const CatalogueEntry& entry, Progress& progress, StopToken stop) {
  if (!entry.tarballs.empty()) {
    const TarballSource& tarball = entry.tarballs.front();
    const fs::path file = downloaded_file(cache, tarball);
    auto here = download(tarball, file, progress, stop);
    if (here) return file;
    if (entry.packages.empty() || here.error().fault == Fault::interrupted) return fail(here.error());
  }
  const PackageSource& package = entry.packages.front();
  std::error_code ignored;
  if (!fs::is_regular_file(package.path, ignored))
    return fail(Fault::harness,
                fmt::format("package {} is not installed: there is no {}", package.package, package.path.string()),
                fmt::format("apt-get install {}", package.package));
  return package.path;
}

Result<NamedSource> catalogue_source(const Cache& cache, const CatalogueEntry& entry, Progress& progress,
                                     StopToken stop) {
  auto file = fetch_source(cache, entry, progress, stop);
  if (!file) return fail(file.error());
  NamedSource source;
  source.kind = SourceKind::catalogue;
  source.path = *file;
  source.stamp = catalogue_stamp(entry);
  source.version = entry.version;
  auto hash = sha256_file(*file);
  if (!hash) return fail(hash.error());
  source.identity = *hash;
  return source;
}

Result<NamedSource> given_source(const fs::path& path, Progress& progress, StopToken stop) {
  NamedSource source;
  std::error_code error;
  source.path = fs::canonical(path, error);
  if (error)
    return fail(Fault::usage, fmt::format("there is no kernel source {}: {}", path.string(), error.message()),
                "give the folder of a kernel tree, or a kernel tarball");
  if (fs::is_directory(source.path, error)) {
    source.kind = SourceKind::folder;
    auto version = tree_version(source.path);
    if (!version) return fail(version.error());
    source.version = *version;
    Work work(progress, "reading " + source.path.string(), files_in_a_kernel, "files");
    auto hash = hash_tree(source.path, stop, [&](std::uint64_t done) { progress.advance(done); });
    if (!hash) return fail(hash.error());
    source.identity = *hash;
    work.succeed();
    return source;
  }
  source.kind = SourceKind::tarball;
  auto version = tarball_version(source.path, stop);
  if (!version) return fail(version.error());
  source.version = *version;
  auto hash = sha256_file(source.path);
  if (!hash) return fail(hash.error());
  source.identity = *hash;
  return source;
}

Status stage_source(const NamedSource& source, const fs::path& folder, Progress& progress, StopToken stop) {
  auto staged = source.kind == SourceKind::folder ? stage_folder(source, folder, progress, stop)
                                                  : stage_tarball(source, folder, progress, stop);
  if (!staged) {
    // A damaged tarball of the catalogue's is nothing that the user wrote.
    Error error = staged.error();
    if (source.kind == SourceKind::catalogue && error.fault == Fault::usage) error.fault = Fault::harness;
    return fail(error);
  }
  auto version = tree_version(folder);
  if (!version) return fail(version.error());
  return {};
}

}  // namespace labctl
