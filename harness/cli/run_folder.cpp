#include "run_folder.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <vector>

#include "context.hpp"
#include "support/files.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t runs_kept = 50;

// Names begin with the time, so that their order is that of age.
void prune(const fs::path& runs) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(runs, error))
    if (item.is_directory(error) && !item.is_symlink(error)) folders.push_back(item.path());
  if (folders.size() <= runs_kept) return;
  std::sort(folders.begin(), folders.end());
  for (std::size_t i = 0; i + runs_kept < folders.size(); ++i) {
    // One that was written to within the hour may be of a run that goes on.
    const auto age = fs::file_time_type::clock::now() - fs::last_write_time(folders[i], error);
    if (!error && age > std::chrono::hours(1)) fs::remove_all(folders[i], error);
  }
}

void point_latest(const fs::path& runs, const fs::path& folder) {
  std::error_code error;
  const fs::path link = runs / fmt::format(".latest.{}", ::getpid());
  fs::create_symlink(folder.filename(), link, error);
  fs::rename(link, runs / "latest", error);
}

}  // namespace

Result<RunFolder> make_run_folder(const fs::path& chosen) {
  const auto now = fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
  RunFolder folder{chosen, fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", now)};
  std::error_code error;
  if (!chosen.empty()) {
    if (fs::exists(chosen, error) && !fs::is_empty(chosen, error))
      return fail(Fault::usage, fmt::format("the run folder {} is not empty", chosen.string()),
                  "give a new one: --run-dir DIR");
    fs::create_directories(chosen, error);
    if (error) return system_error("cannot create the run folder", chosen, error.value());
    folder.path = fs::absolute(chosen);
    return folder;
  }
  auto runs = runs_folder();
  if (!runs) return fail(runs.error());
  fs::create_directories(*runs, error);
  // Not by the process's number: in containers that share this folder those are small and equal.
  std::string name = *runs / fmt::format("{:%Y%m%d-%H%M%S}-XXXXXX", now);
  if (::mkdtemp(name.data()) == nullptr)
    return fail(Fault::harness,
                fmt::format("cannot create a run folder in {}: {}", runs->string(), std::strerror(errno)),
                "give another one: --run-dir DIR");
  ::chmod(name.c_str(), 0755);
  folder.path = name;
  point_latest(*runs, folder.path);
  prune(*runs);
  return folder;
}

}  // namespace labctl
