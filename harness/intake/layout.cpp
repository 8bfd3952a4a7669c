#include "intake/layout.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <map>

#include "contents.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// What one thing in the folder is by a layout.
struct Read {
  std::string id;
  std::string student;
  std::string file;  // as the student called it
  bool late = false;
  bool text_only = false;  // typed into the platform: no file
};

constexpr std::string_view clone_mark = "/.git";

std::string bare(const std::string& name) {
  if (name.ends_with(clone_mark)) return name.substr(0, name.size() - clone_mark.size());
  return name.ends_with('/') ? name.substr(0, name.size() - 1) : name;
}

std::string without_archive_ending(std::string name) {
  const std::string tail = name.substr(0, name.rfind('.'));
  return tail.size() > 4 && is_archive_name(tail + ".gz") && tail.ends_with(".tar") ? tail.substr(0, tail.size() - 4)
                                                                                    : tail;
}

std::optional<Read> read_plain(const std::string& name) {
  if (name.starts_with('.') || is_clutter(bare(name))) return std::nullopt;
  if (name.ends_with('/') || name.ends_with(clone_mark)) return Read{bare(name), {}, {}};
  if (is_archive_name(name)) return Read{without_archive_ending(name), {}, {}};
  if (name.ends_with(".c")) return Read{name.substr(0, name.size() - 2), {}, {}};
  return std::nullopt;
}

// mod/assign/locallib.php: fullname, "_", the participant's number, "_assignsubmission_file" or "_onlinetext", and "_"
// for a folder; of a download without folders the student's name of the file. The student's own name comes first and
// the file's last, so the first place where this is found is Moodle's.
std::optional<Read> read_moodle(const std::string& name) {
  static const re2::RE2 pattern(R"((.+?)_(\d+)_assignsubmission_(file|onlinetext)_?(.*))");
  Read read;
  std::string kind;
  if (!re2::RE2::FullMatch(bare(name), pattern, &read.student, &read.id, &kind, &read.file)) return std::nullopt;
  read.text_only = kind == "onlinetext";
  return read;
}

// The name's letters, an optional mark, the user's id, the submission's, the file's name; "-1" behind the name of what
// was handed in again.
std::optional<Read> read_canvas(const std::string& name) {
  static const re2::RE2 pattern(R"(([^_]+)_(LATE_)?(\d+)_(\d+)_(.+))");
  static const re2::RE2 again(R"((.+)-\d+(\.[A-Za-z.]+))");
  if (name.ends_with('/') || name.ends_with(clone_mark)) return std::nullopt;
  Read read;
  std::string late, number;
  if (!re2::RE2::FullMatch(name, pattern, &read.student, &late, &read.id, &number, &read.file)) return std::nullopt;
  read.late = !late.empty();
  std::string stem, ending;
  if (re2::RE2::FullMatch(read.file, again, &stem, &ending)) read.file = stem + ending;
  return read;
}

std::string common_prefix(const std::vector<std::string>& names) {
  std::string prefix = names.empty() ? "" : names.front();
  for (const auto& name : names)
    prefix.resize(static_cast<std::size_t>(std::mismatch(prefix.begin(), prefix.end(), name.begin(), name.end()).first -
                                           prefix.begin()));
  const auto dash = prefix.rfind('-');
  return dash == std::string::npos ? "" : prefix.substr(0, dash + 1);
}

std::vector<std::string> clones_in(const std::vector<std::string>& names) {
  std::vector<std::string> clones;
  for (const auto& name : names)
    if (name.ends_with(clone_mark)) clones.push_back(bare(name));
  return clones;
}

// The layout that all of it looks like.
Layout guess(const std::vector<std::string>& names) {
  const auto all = [&](auto read) {
    std::size_t matching = 0, all_of = 0;
    for (const auto& name : names) {
      if (name.starts_with('.') || is_clutter(bare(name))) continue;
      if (!name.ends_with('/') && !read_plain(name) && !read(name)) continue;
      ++all_of;
      if (read(name)) ++matching;
    }
    return matching > 0 && matching == all_of;
  };
  if (all(read_moodle)) return Layout::moodle;
  if (all(read_canvas)) return Layout::canvas;
  const auto clones = clones_in(names);
  if (clones.size() > 1 && !common_prefix(clones).empty() && all([](const std::string& name) {
        return name.ends_with(clone_mark) ? std::optional<Read>(Read{}) : std::nullopt;
      }))
    return Layout::github;
  return Layout::plain;
}

std::optional<Read> read_name(const std::string& name, Layout layout, const std::string& prefix) {
  switch (layout) {
    case Layout::moodle: return read_moodle(name);
    case Layout::canvas: return read_canvas(name);
    case Layout::github: {
      auto read = read_plain(name);
      if (!read || !read->id.starts_with(prefix)) return std::nullopt;
      read->id = read->id.substr(prefix.size());
      return read;
    }
    case Layout::automatic:
    case Layout::plain: break;
  }
  return read_plain(name);
}

}  // namespace

Result<Listing> list_entries(const fs::path& folder, const std::vector<std::string>& names, Layout layout) {
  Listing listing;
  listing.layout = layout == Layout::automatic ? guess(names) : layout;
  const std::string prefix = listing.layout == Layout::github ? common_prefix(clones_in(names)) : "";
  std::map<std::string, Entry> entries;
  for (const auto& name : names) {
    const auto read = read_name(name, listing.layout, prefix);
    if (!read || read->id.empty() || read->text_only) {
      if (!name.starts_with('.') && !is_clutter(bare(name))) listing.not_taken.push_back(bare(name));
      continue;
    }
    if (read->id != printable(read->id))
      return fail(Fault::usage, fmt::format("{} cannot be the name of a submission", labctl::quoted(bare(name))),
                  "rename it: names are UTF-8, and have no control characters");
    Entry& entry = entries[read->id];
    entry.id = read->id;
    entry.name = read->student;
    // Files that a platform handed out one by one.
    entry.one_whole = listing.layout == Layout::canvas || (listing.layout == Layout::moodle && !read->file.empty());
    entry.late = entry.late || read->late;
    entry.parts.push_back({folder / bare(name), read->file});
  }
  for (auto& [id, entry] : entries)
    listing.entries.push_back(std::move(entry));
  if (listing.entries.empty())
    return fail(Fault::usage, fmt::format("there is no submission in {}", folder.string()),
                "it should hold a folder, a .c file or an archive a student, named by the student's id");
  return listing;
}

Result<Listing> find_entries(const fs::path& folder, Layout layout) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(folder, error)) {
    std::string name = item.path().filename().string();
    if (item.symlink_status(error).type() == fs::file_type::directory)
      name += fs::exists(item.path() / ".git", error) ? clone_mark : "/";
    names.push_back(std::move(name));
  }
  if (error)
    return fail(Fault::usage, fmt::format("cannot read the folder {}: {}", folder.string(), error.message()),
                "give the folder that holds the submissions");
  std::sort(names.begin(), names.end());
  return list_entries(folder, names, layout);
}

std::string_view layout_name(Layout layout) {
  switch (layout) {
    case Layout::automatic: return "automatic";
    case Layout::plain: return "plain";
    case Layout::moodle: return "moodle";
    case Layout::canvas: return "canvas";
    case Layout::github: return "github";
  }
  return "";
}

}  // namespace labctl
