#include "contents.hpp"

#include <array>

#include "support/text.hpp"

namespace labctl {

bool is_source_name(std::string_view path) {
  return path.ends_with(".c") || path.ends_with(".h");
}

bool is_clutter(std::string_view name) {
  static constexpr std::array<std::string_view, 7> names = {".git",     ".hg",     ".svn", ".tmp_versions",
                                                            "__MACOSX", ".vscode", ".idea"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string file_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_made(const std::string& path) {
  const std::string name = file_name(path);
  return name.starts_with('.') || name.ends_with(".mod.c");
}

std::string in_words(const std::vector<std::string>& paths) {
  constexpr std::size_t most_named = 5;
  std::vector<std::string> shown;
  for (const auto& path : paths)
    if (shown.size() < most_named) shown.push_back(printable(path));
  if (paths.size() > most_named) shown.push_back(fmt::format("and {} more", paths.size() - most_named));
  return join(shown, ", ");
}

bool Keeper::add(Item item) {
  if (contents_.items.size() >= limits_.items) {
    refuse(fmt::format("more than {} files were handed in: hand in the sources alone", limits_.items));
    return false;
  }
  bytes_ += item.bytes.size();
  contents_.items.push_back(std::move(item));
  return true;
}

bool Keeper::may_read(const std::string& path, std::uint64_t bytes) {
  if (bytes > limits_.source_bytes) {
    refuse(fmt::format("{} has more than {}: that is no source that somebody wrote", labctl::quoted(path),
                       human_size(limits_.source_bytes)));
    return false;
  }
  if (bytes_ + bytes > limits_.all_bytes) {
    refuse(fmt::format("the sources have more than {} together", human_size(limits_.all_bytes)));
    return false;
  }
  return true;
}

Contents Keeper::take() {
  std::sort(contents_.items.begin(), contents_.items.end(),
            [](const Item& a, const Item& b) { return a.path < b.path; });
  return std::move(contents_);
}

}  // namespace labctl
