#include "dependencies.hpp"

#include <set>

#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view compilers_own = "/usr/lib/gcc/";

// In what fixdep writes, the list stands behind the command.
std::string_view list_in(std::string_view text) {
  const auto begin = text.find("\ndeps_");
  return begin == std::string_view::npos ? text : text.substr(begin);
}

// Words of make's, and options of the kernel's configuration: "x.o:", "deps_x.o", ":=", "$(wildcard", "$(deps_x.o)",
// "include/config/SMP)".
bool is_no_file(std::string_view word) {
  return word == "\\" || word == ":=" || word.starts_with("$(") || word.starts_with("deps_") || word.ends_with(':') ||
         word.ends_with(')');
}

}  // namespace

std::vector<std::string> files_in_list(std::string_view list) {
  std::vector<std::string> files;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty() && !is_no_file(word)) files.push_back(word);
    word.clear();
  };
  for (std::size_t i = 0; i < list.size(); ++i) {
    const char c = list[i];
    const bool escapes = c == '\\' && i + 1 < list.size() && (list[i + 1] == ' ' || list[i + 1] == '#');
    if (escapes)
      word += list[++i];
    else if (c == ' ' || c == '\t' || c == '\n')
      end_word();
    else
      word += c;
  }
  end_word();
  return files;
}

std::vector<std::string> foreign_files(const Workshop& shop) {
  const auto is_in = [](const std::string& file, const std::string& folder) { return file.starts_with(folder + "/"); };
  std::set<std::string> foreign;
  std::error_code error;
  for (const auto& item : fs::recursive_directory_iterator(shop.build, error)) {
    const std::string name = item.path().filename();
    if (!name.ends_with(".o.d") && !name.ends_with(".o.cmd")) continue;
    const auto text = read_file(item.path());
    if (!text) continue;
    for (const auto& listed : files_in_list(list_in(*text))) {
      // kbuild compiles in the kernel's tree.
      const std::string file = (fs::path(shop.tree()) / listed).lexically_normal();
      if (!is_in(file, shop.tree()) && !is_in(file, shop.folder()) && !file.starts_with(compilers_own))
        foreign.insert(printable(file));
    }
  }
  return {foreign.begin(), foreign.end()};
}

}  // namespace labctl
