#include "kernel/fragments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace {

constexpr std::uint64_t max_fragment_bytes = 1 << 20;
constexpr std::string_view prefix = "CONFIG_";
constexpr std::string_view unset_begin = "# CONFIG_";
constexpr std::string_view unset_end = " is not set";

bool is_option_name(std::string_view name) {
  return name.starts_with(prefix) && name.size() > prefix.size() && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
    line.remove_suffix(1);
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t'))
    line.remove_prefix(1);
  return line;
}

struct NameValue {
  std::string_view name;
  std::string_view value;
};

// One line of a .config or a fragment, if it says anything of an option.
std::optional<NameValue> parse_line(std::string_view line) {
  if (line.starts_with(unset_begin) && line.ends_with(unset_end)) {
    const auto name = line.substr(2, line.size() - 2 - unset_end.size());
    if (is_option_name(name)) return NameValue{name, "n"};
    return std::nullopt;
  }
  const auto equals = line.find('=');
  if (equals == std::string_view::npos || equals + 1 == line.size()) return std::nullopt;
  const auto name = line.substr(0, equals);
  if (!is_option_name(name)) return std::nullopt;
  return NameValue{name, line.substr(equals + 1)};
}

bool is_for_make(const Fragment& fragment) {
  return fragment.name.ends_with(".make");
}

bool is_config(const Fragment& fragment) {
  return !is_for_make(fragment) && !is_header(fragment);
}

bool is_blank_or_comment(std::string_view line) {
  return line.empty() || line.front() == '#';
}

// Narrow on purpose: make would expand $(...) and split at spaces.
bool is_make_variable(std::string_view line) {
  const auto equals = line.find('=');
  if (equals == 0 || equals == std::string_view::npos || equals + 1 == line.size()) return false;
  return std::all_of(line.begin(), line.end(), [&](const char& c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-' || c == '/' || &c == &line[equals];
  });
}

}  // namespace

bool is_header(const Fragment& fragment) {
  return fragment.name.ends_with(".h");
}

Result<std::vector<Fragment>> read_fragments(const std::filesystem::path& folder,
                                             const std::vector<std::string>& names) {
  std::vector<Fragment> fragments;
  for (const auto& name : names) {
    auto text = read_file(folder / name, max_fragment_bytes);
    if (!text)
      return fail(Fault::usage, "config fragment: " + text.error().message,
                  "kernels.yaml names the fragments of each kernel; they are files beside it");
    fragments.push_back({name, std::move(*text)});
  }
  return fragments;
}

Result<std::vector<ConfigOption>> requested_options(const std::vector<Fragment>& fragments) {
  std::vector<ConfigOption> options;
  std::map<std::string, std::size_t, std::less<>> index;
  for (const auto& fragment : fragments) {
    if (!is_config(fragment)) continue;
    int number = 0;
    for (auto raw : split_lines(fragment.text)) {
      ++number;
      const auto line = trimmed(raw);
      const auto parsed = parse_line(line);
      if (!parsed) {
        if (is_blank_or_comment(line)) continue;
        return fail(Fault::usage,
                    fmt::format("{}:{}: {} is not a config option", fragment.name, number, labctl::quoted(line)),
                    "write CONFIG_NAME=y, CONFIG_NAME=\"text\" or # CONFIG_NAME is not set");
      }
      ConfigOption option{std::string(parsed->name), std::string(parsed->value), fragment.name, number};
      const auto [place, fresh] = index.emplace(option.name, options.size());
      if (fresh) {
        options.push_back(std::move(option));
      } else {
        options[place->second] = std::move(option);
      }
    }
  }
  return options;
}

Result<std::vector<std::string>> make_variables(const std::vector<Fragment>& fragments) {
  std::vector<std::string> variables;
  for (const auto& fragment : fragments) {
    if (!is_for_make(fragment)) continue;
    int number = 0;
    for (auto raw : split_lines(fragment.text)) {
      ++number;
      const auto line = trimmed(raw);
      if (is_blank_or_comment(line)) continue;
      if (!is_make_variable(line))
        return fail(Fault::usage,
                    fmt::format("{}:{}: {} is not a make variable", fragment.name, number, labctl::quoted(line)),
                    "write NAME=value; neither may hold spaces or $");
      variables.emplace_back(line);
    }
  }
  return variables;
}

std::string config_text(const std::vector<Fragment>& fragments) {
  std::string text;
  for (const auto& fragment : fragments)
    if (is_config(fragment)) text += "\n" + fragment.text + "\n";
  return text;
}

std::vector<LostOption> lost_options(const std::vector<ConfigOption>& wanted, std::string_view final_config) {
  std::map<std::string_view, std::string_view> values;
  for (auto line : split_lines(final_config))
    if (const auto parsed = parse_line(trimmed(line))) values[parsed->name] = parsed->value;
  std::vector<LostOption> lost;
  for (const auto& option : wanted) {
    const auto found = values.find(option.name);
    const std::string became = found == values.end() ? "" : std::string(found->second);
    if (became == option.value || (option.value == "n" && became.empty())) continue;
    lost.push_back({option, became});
  }
  return lost;
}

std::string describe(const LostOption& lost) {
  const auto& [name, value, fragment, line] = lost.wanted;
  const std::string asked = value == "n" ? fmt::format("# {} is not set", name) : fmt::format("{}={}", name, value);
  std::string became = "became " + lost.became;
  if (lost.became == "n") became = "became \"is not set\"";
  if (lost.became.empty()) became = "is not in the final .config";
  return fmt::format("{} ({}:{}) {}", asked, fragment, line, became);
}

std::string config_value(std::string_view config, std::string_view name) {
  for (auto line : split_lines(config))
    if (const auto parsed = parse_line(trimmed(line)); parsed && parsed->name == name)
      return std::string(parsed->value);
  return "n";
}

}  // namespace labctl
