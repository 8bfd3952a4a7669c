#include <filesystem>

#include "contents.hpp"
#include "intake/submission.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

bool has_sources(const Contents& contents) {
  return std::any_of(contents.items.begin(), contents.items.end(),
                     [](const Item& item) { return item.path.ends_with(".c") && !is_made(item.path); });
}

void append(Contents& all, Contents more) {
  for (auto& item : more.items)
    all.items.push_back(std::move(item));
  for (auto& why : more.refusals)
    all.refusals.push_back(std::move(why));
}

Result<Contents> read_part(const Part& part, const IntakeLimits& limits, StopToken stop) {
  std::error_code ignored;
  const std::string name = part.name.empty() ? part.path.filename().string() : part.name;
  const auto status = fs::symlink_status(part.path, ignored);
  if (fs::is_regular_file(status) && is_archive_name(name)) return read_archive(part.path, limits, stop);
  auto contents = read_folder(part.path, limits, stop);
  if (contents && !fs::is_directory(status) && contents->items.size() == 1) contents->items.front().path = name;
  return contents;
}

// An archive in a folder that a learning platform made for what a student uploaded.
Result<Contents> read_archive_in(const Part& part, const Contents& contents, const IntakeLimits& limits,
                                 StopToken stop) {
  std::vector<std::string> archives;
  for (const auto& item : contents.items)
    if (item.kind == ItemKind::file && is_archive_name(item.path)) archives.push_back(item.path);
  if (archives.empty()) return contents;
  if (archives.size() == 1) return read_archive(part.path / archives.front(), limits, stop);
  Contents refused = contents;
  refused.refusals.push_back("there are several archives: " + in_words(archives) + ". Hand in one");
  return refused;
}

}  // namespace

Result<Submission> take_in(const Entry& entry, const std::vector<std::string>& sources, const IntakeLimits& limits,
                           StopToken stop) {
  Contents all;
  for (const auto& part : entry.parts) {
    auto contents = read_part(part, limits, stop);
    std::error_code ignored;
    if (contents && !has_sources(*contents) && fs::is_directory(fs::symlink_status(part.path, ignored)))
      contents = read_archive_in(part, *contents, limits, stop);
    if (!contents) return fail(contents.error());
    append(all, std::move(*contents));
  }
  Submission submission = choose_sources(all, sources);
  submission.id = entry.id;
  submission.name = entry.name;
  return submission;
}

}  // namespace labctl
