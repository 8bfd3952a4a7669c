#include "kmod/line_replacement.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "support/text.hpp"

namespace labctl {

namespace {

constexpr std::size_t max_compared = 200;  // bytes of a line, when the nearest is looked for

std::string_view trimmed(std::string_view line) {
  const auto begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

std::string place(const LineReplacement& replacement) {
  const auto& where = replacement.where;
  return fmt::format("{}:{}:{}: ", where.file.string(), where.line, where.column);
}

SourceFile* file_of(ModuleSource& source, const std::string& name) {
  std::string path = path_in_tree(source.folder, name);
  if (source.tree) path = source.tree->resolved(path);
  const auto found = std::find_if(source.files.begin(), source.files.end(),
                                  [&path](const SourceFile& file) { return file.name == path; });
  if (found != source.files.end()) return &*found;
  const TreeFile* other = source.tree ? source.tree->find(path) : nullptr;
  if (other == nullptr) return nullptr;
  source.files.push_back({path, other->bytes, source.tree->root / path, false});
  return &source.files.back();
}

std::string nearest_line(const std::string& wanted, const std::vector<std::string_view>& lines) {
  std::vector<std::string> candidates;
  for (const auto line : lines)
    if (!trimmed(line).empty()) candidates.emplace_back(trimmed(line).substr(0, max_compared));
  const auto near = nearest(wanted.substr(0, max_compared), candidates);
  if (!near) return "a line is given as it stands in the file; blanks around it do not count";
  const auto at = std::find_if(lines.begin(), lines.end(),
                               [&](std::string_view line) { return trimmed(line).substr(0, max_compared) == *near; });
  return fmt::format("the nearest is line {}: {}", at - lines.begin() + 1, labctl::quoted(*near));
}

// The lines that are to be replaced, trimmed; those before the first and behind the last that are not empty do not
// count.
std::vector<std::string_view> wanted_lines(const std::string& text) {
  std::vector<std::string_view> lines;
  for (const auto line : split_lines(text))
    if (!lines.empty() || !trimmed(line).empty()) lines.push_back(trimmed(line));
  while (!lines.empty() && lines.back().empty())
    lines.pop_back();
  return lines;
}

// What an error says of them: the first one.
std::string shown_lines(const std::vector<std::string_view>& wanted) {
  if (wanted.size() == 1) return "line " + labctl::quoted(wanted[0]);
  return fmt::format("{} lines that begin with {}", wanted.size(), labctl::quoted(wanted[0]));
}

Status replace_line(SourceFile& file, const LineReplacement& replacement) {
  const auto wanted = wanted_lines(replacement.line);
  const auto lines = split_lines(file.bytes);
  const auto is_at = [&](std::size_t first) {
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (first + i >= lines.size() || trimmed(lines[first + i]) != wanted[i]) return false;
    return true;
  };
  std::vector<std::string> numbers;
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool same = is_at(i);
    if (same) numbers.push_back(std::to_string(i + 1));
    text += same ? replacement.with : std::string(lines[i]);
    // With one newline, whether `with` ends in one or not.
    if (!text.ends_with('\n') || !same || replacement.with.empty()) text += '\n';
    if (same) i += wanted.size() - 1;
  }
  if (numbers.empty())
    return fail(Fault::usage, fmt::format("{}{} has no {}", place(replacement), replacement.file, shown_lines(wanted)),
                nearest_line(std::string(wanted[0]), lines));
  if (numbers.size() > 1)
    return fail(Fault::usage,
                fmt::format("{}{} has {} {} times: from line {}", place(replacement), replacement.file,
                            shown_lines(wanted), numbers.size(), join(numbers, ", ")),
                "give a line that is there once, or several that follow each other");
  file.bytes = std::move(text);
  return {};
}

}  // namespace

Status replace_lines(ModuleSource& source, const std::vector<LineReplacement>& replacements) {
  for (const auto& replacement : replacements) {
    SourceFile* file = file_of(source, replacement.file);
    if (file == nullptr)
      return fail(Fault::usage,
                  fmt::format("{}{} is no file of module {}", place(replacement), replacement.file, source.module),
                  "name it relative to the module's folder, as in \"sources\"");
    if (auto replaced = replace_line(*file, replacement); !replaced) return replaced;
  }
  return {};
}

}  // namespace labctl
