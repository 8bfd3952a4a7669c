#include "kmod/exported_symbols.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>

#include "support/text.hpp"

namespace labctl {

namespace {

bool is_of_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The words of a C text, comments and strings included.
template <class Take>
void for_each_word(std::string_view text, Take take) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_of_word(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && is_of_word(text[at]))
      ++at;
    take(text.substr(begin, at - begin), text.substr(at));
  }
}

// The word in the brackets that follow, as in "(adder_add)".
std::string_view first_argument(std::string_view rest) {
  const auto open = rest.find_first_not_of(" \t\n");
  if (open == std::string_view::npos || rest[open] != '(') return {};
  const auto begin = rest.find_first_not_of(" \t\n", open + 1);
  if (begin == std::string_view::npos) return {};
  std::size_t end = begin;
  while (end < rest.size() && is_of_word(rest[end]))
    ++end;
  return rest.substr(begin, end - begin);
}

// What the module is compiled of: its files, and what they include of its tree by name. What these include in turn is
// not looked at.
std::vector<std::string_view> texts_of(const ModuleSource& source) {
  std::vector<std::string_view> texts;
  for (const auto& file : source.files)
    texts.push_back(file.bytes);
  if (!source.tree) return texts;
  const std::size_t own = texts.size();
  for (const auto& file : source.tree->files) {
    const std::string name = std::filesystem::path(file.name).filename();
    const bool included =
        std::any_of(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(own), [&name](std::string_view text) {
          return text.find("/" + name + "\"") != std::string_view::npos ||
                 text.find("\"" + name + "\"") != std::string_view::npos;
        });
    if (included) texts.push_back(file.bytes);
  }
  return texts;
}

}  // namespace

SymbolNames symbol_names(const ModuleSource& source) {
  SymbolNames names;
  for (const auto text : texts_of(source))
    for_each_word(text, [&](std::string_view word, std::string_view rest) {
      names.mentioned.emplace(word);
      if (!word.starts_with("EXPORT_SYMBOL")) return;
      if (const auto name = first_argument(rest); !name.empty()) names.exported.emplace(name);
    });
  for (const auto& name : names.exported)
    names.mentioned.erase(name);
  return names;
}

std::vector<std::vector<std::size_t>> used_modules(const std::vector<SymbolNames>& modules) {
  std::vector<std::vector<std::size_t>> used(modules.size());
  for (std::size_t user = 0; user < modules.size(); ++user)
    for (std::size_t other = 0; other < modules.size(); ++other) {
      const auto& exported = modules[other].exported;
      const bool uses = other != user && std::any_of(exported.begin(), exported.end(), [&](const std::string& name) {
                          return modules[user].mentioned.contains(name);
                        });
      if (uses) used[user].push_back(other);
    }
  return used;
}

std::vector<std::size_t> build_order(const std::vector<std::vector<std::size_t>>& used) {
  std::vector<std::size_t> order;
  std::vector<bool> placed(used.size(), false);
  const auto ready = [&](std::size_t module) {
    return !placed[module] && std::all_of(used[module].begin(), used[module].end(),
                                          [&](std::size_t other) { return static_cast<bool>(placed[other]); });
  };
  while (order.size() < used.size()) {
    std::size_t next = 0;
    while (next < used.size() && !ready(next))
      ++next;
    // A circle: the first that is left.
    for (std::size_t i = 0; next == used.size(); ++i)
      if (!placed[i]) next = i;
    placed[next] = true;
    order.push_back(next);
  }
  return order;
}

std::string symbols_used(const SymbolNames& names, const std::string& symvers) {
  std::set<std::string, std::less<>> taken;
  std::string lines;
  for (const auto line : split_lines(symvers)) {
    // A line is the CRC, a tab, the symbol, a tab and what differs between kernels.
    const auto begin = line.find('\t');
    if (begin == std::string_view::npos) continue;
    const auto name = line.substr(begin + 1, line.find('\t', begin + 1) - begin - 1);
    if (names.mentioned.contains(name) && taken.emplace(name).second) lines += std::string(line) + "\n";
  }
  return lines;
}

}  // namespace labctl
