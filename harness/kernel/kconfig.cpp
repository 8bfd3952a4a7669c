#include "kconfig.hpp"

#include <algorithm>
#include <vector>

#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t max_kconfig_bytes = 4 << 20;

struct Found {
  bool defined = false;
  bool can_be_set = false;  // it has a prompt
  std::vector<std::string> conditions;
};

std::string_view trimmed(std::string_view line) {
  const auto begin = line.find_first_not_of(" \t");
  return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

// Where a line's text begins, from 0; tabs end at every eighth column.
std::size_t column(std::string_view line) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < line.size() && (line[i] == ' ' || line[i] == '\t'); ++i)
    at = line[i] == '\t' ? at / 8 * 8 + 8 : at + 1;
  return at;
}

// Takes a keyword and the blanks after it off the front of a line.
bool take_word(std::string_view& line, std::string_view word) {
  if (!line.starts_with(word) || line.size() == word.size()) return false;
  const char after = line[word.size()];
  if (after != ' ' && after != '\t') return false;
  line = trimmed(line.substr(word.size()));
  return true;
}

bool is_prompt(std::string_view line) {
  for (const char* kind : {"bool", "tristate", "int", "hex", "string", "prompt"})
    if (std::string_view rest = line; take_word(rest, kind)) return rest.starts_with('"') || rest.starts_with('\'');
  return false;
}

// One file: where the option is defined, its own conditions and those of the `if`s and menus around it.
void look(std::string_view text, std::string_view option, Found& found) {
  struct Block {
    std::string_view end;  // what closes it
    std::vector<std::string> conditions;
  };
  std::vector<Block> around;
  bool inside = false;    // the option's own entry
  bool of_block = false;  // right behind `menu` or `choice`
  // A help text goes on as long as its lines begin no further left than its first one.
  bool help_begins = false;
  std::size_t help_column = 0;  // 0: in no help text
  for (const auto raw : split_lines(text)) {
    std::string_view line = trimmed(raw);
    if (line.empty()) continue;
    const std::size_t begins = column(raw);
    if (help_begins) help_column = begins;
    help_begins = false;
    if (help_column > 0 && begins >= help_column) continue;
    help_column = 0;
    if (line.front() == '#') continue;
    help_begins = line == "help" || line == "---help---";
    std::string_view rest = line;
    if (take_word(rest, "config") || take_word(rest, "menuconfig")) {
      inside = rest == option;
      of_block = false;
      if (!inside) continue;
      found.defined = true;
      for (const auto& block : around)
        found.conditions.insert(found.conditions.end(), block.conditions.begin(), block.conditions.end());
    } else if (take_word(rest, "if")) {
      inside = of_block = false;
      around.push_back({"endif", {std::string(rest)}});
    } else if (take_word(rest, "comment") || take_word(rest, "source")) {
      inside = of_block = false;
    } else if (take_word(rest, "menu") || line == "choice") {
      inside = false;
      of_block = true;
      around.push_back({line == "choice" ? "endchoice" : "endmenu", {}});
    } else if (!around.empty() && line.starts_with(around.back().end)) {
      inside = of_block = false;
      around.pop_back();
    } else if (take_word(rest, "depends") && take_word(rest, "on")) {
      if (inside) found.conditions.emplace_back(rest);
      if (of_block) around.back().conditions.emplace_back(rest);
    } else if (inside && is_prompt(line)) {
      found.can_be_set = true;
    }
  }
}

}  // namespace

std::string explain_option(const fs::path& tree, std::string_view name) {
  constexpr std::string_view prefix = "CONFIG_";
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  Found found;
  std::error_code error;
  for (fs::recursive_directory_iterator at(tree, error), end; !error && at != end; at.increment(error)) {
    if (!at->path().filename().string().starts_with("Kconfig") || !at->is_regular_file(error)) continue;
    const auto text = read_file(at->path(), max_kconfig_bytes);
    if (text && text->find(name) != std::string::npos) look(*text, name, found);
  }
  if (!found.defined) return "this kernel does not know it";
  if (!found.can_be_set) return "it cannot be set by itself: other options select it";
  std::vector<std::string> conditions;
  for (const auto& condition : found.conditions)
    if (std::find(conditions.begin(), conditions.end(), condition) == conditions.end())
      conditions.push_back(condition.find("||") == std::string::npos ? condition : "(" + condition + ")");
  return conditions.empty() ? "" : "it depends on " + join(conditions, " && ");
}

}  // namespace labctl
