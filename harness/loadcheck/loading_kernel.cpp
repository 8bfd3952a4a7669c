#include "loadcheck/loading_kernel.hpp"

#include <algorithm>
#include <cstdlib>

#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

bool is_set(std::string_view config, const std::string& option) {
  const std::string line = option + "=y\n";
  return config.starts_with(line) || config.find("\n" + line) != std::string_view::npos;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The first place of the word at or after an offset.
std::size_t find_word(std::string_view text, std::string_view word, std::size_t from) {
  for (auto at = text.find(word, from); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !is_word(text[at - 1]);
    const bool ends = at + word.size() == text.size() || !is_word(text[at + word.size()]);
    if (begins && ends) return at;
  }
  return std::string_view::npos;
}

// "#  ifdef CONFIG_PM" → "ifdef CONFIG_PM"; empty for other lines.
std::string_view directive_of(std::string_view line) {
  const auto hash = line.find_first_not_of(" \t");
  if (hash == std::string_view::npos || line[hash] != '#') return {};
  const auto begin = line.find_first_not_of(" \t", hash + 1);
  return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

std::vector<std::string> options_in(std::string_view condition) {
  constexpr std::string_view prefix = "CONFIG_";
  std::vector<std::string> options;
  for (auto at = condition.find(prefix); at != std::string_view::npos; at = condition.find(prefix, at + 1)) {
    auto end = at;
    while (end < condition.size() && is_word(condition[end]))
      ++end;
    options.emplace_back(condition.substr(at, end - at));
  }
  return options;
}

// Whether a line may declare the symbol: it is neither a macro nor a comment, nor does it define or call anything.
bool declares(std::string_view line, std::string_view symbol) {
  const auto at = find_word(line, symbol, 0);
  if (at == std::string_view::npos || !directive_of(line).empty()) return false;
  const auto before = line.substr(0, at);
  const auto first = before.find_first_not_of(" \t");
  if (first == std::string_view::npos || line[first] == '*' || before.find("//") != std::string_view::npos ||
      before.find("/*") != std::string_view::npos || before.find("return") != std::string_view::npos ||
      before.find('(') != std::string_view::npos || before.find('=') != std::string_view::npos ||
      before.find("inline") != std::string_view::npos)
    return false;
  const auto after = line.find_first_not_of(" \t", at + symbol.size());
  if (after == std::string_view::npos) return false;
  const bool begun_like_one = is_word(line[0]);
  return begun_like_one && (line[after] == '(' || line[after] == ';' || line[after] == '[');
}

std::optional<Declaration> search(const fs::path& headers, const std::string& config, const std::string& symbol) {
  constexpr std::uintmax_t max_header = 4U << 20;
  std::optional<Declaration> found;
  for (const char* root : {"include/linux", "include/net", "include", "arch/x86/include"}) {
    std::error_code error;
    for (fs::recursive_directory_iterator item(headers / root, error), end; !error && item != end;
         item.increment(error)) {
      if (item->path().extension() != ".h" || !item->is_regular_file(error)) continue;
      const auto text = read_file(item->path(), max_header);
      if (!text || text->find(symbol) == std::string::npos) continue;
      auto options = options_around(*text, symbol);
      if (!options) continue;
      std::erase_if(*options, [&config](const std::string& option) { return is_set(config, option); });
      Declaration one{item->path().string().substr(headers.string().size() + 1), std::move(*options)};
      // The order of a folder is no order: the shortest name, then the first.
      const auto rank = [](const Declaration& any) { return std::pair(any.header.size(), any.header); };
      if (!found || rank(one) < rank(*found)) found = std::move(one);
    }
    if (found) return found;
  }
  return std::nullopt;
}

}  // namespace

std::string vermagic_of(const std::string& release, std::string_view config) {
  std::string text = release + " ";
  if (is_set(config, "CONFIG_SMP")) text += "SMP ";
  // Of 5.4 and before it is PREEMPT, of later ones PREEMPT_BUILD, which comes with PREEMPT.
  if (is_set(config, "CONFIG_PREEMPT_BUILD") || is_set(config, "CONFIG_PREEMPT")) {
    text += "preempt ";
  } else if (is_set(config, "CONFIG_PREEMPT_RT")) {
    text += "preempt_rt ";
  }
  if (is_set(config, "CONFIG_MODULE_UNLOAD")) text += "mod_unload ";
  if (is_set(config, "CONFIG_MODVERSIONS")) text += "modversions ";
  return text;
}

std::vector<ExportedSymbol> parse_symvers(std::string_view text) {
  std::vector<ExportedSymbol> exports;
  for (auto line : split_lines(text)) {
    std::vector<std::string> fields;
    while (fields.size() < 5) {
      const auto tab = line.find('\t');
      fields.emplace_back(line.substr(0, tab));
      line.remove_prefix(tab == std::string_view::npos ? line.size() : tab + 1);
    }
    if (fields[1].empty()) continue;
    // Of a module it is its path in the build folder.
    fields[2].erase(0, fields[2].rfind('/') + 1);
    exports.push_back({fields[1], fields[2], fields[3].find("_GPL") != std::string::npos,
                       static_cast<std::uint32_t>(std::strtoul(fields[0].c_str(), nullptr, 16)), fields[4]});
  }
  return exports;
}

std::optional<std::vector<std::string>> options_around(std::string_view header, std::string_view symbol) {
  std::vector<std::string_view> conditions;
  for (const auto line : split_lines(header)) {
    const auto directive = directive_of(line);
    if (directive.starts_with("if")) {
      conditions.push_back(directive);
    } else if (directive.starts_with("el") && !conditions.empty()) {
      // What holds instead is more than an option's name can say.
      conditions.back() = directive.starts_with("elif") ? directive : std::string_view();
    } else if (directive.starts_with("endif") && !conditions.empty()) {
      conditions.pop_back();
    } else if (declares(line, symbol)) {
      std::vector<std::string> options;
      for (const auto condition : conditions)
        if (!condition.starts_with("ifndef") && condition.find('!') == std::string_view::npos)
          for (auto& option : options_in(condition))
            options.push_back(std::move(option));
      return options;
    }
  }
  return std::nullopt;
}

Result<LoadingKernel> read_loading_kernel(const Kernel& kernel) {
  auto config = read_file(kernel.config());
  if (!config) return fail(config.error());
  auto symvers = read_file(kernel.headers() / "Module.symvers");
  if (!symvers) return fail(symvers.error());
  auto system_map = read_file(kernel.system_map());
  if (!system_map) return fail(system_map.error());
  LoadingKernel read;
  read.name = kernel.identity.name;
  if (kernel.identity.flavour != "release") read.name += " --flavour " + kernel.identity.flavour;
  read.release = kernel.identity.release;
  read.vermagic = vermagic_of(kernel.identity.release, *config);
  read.modversions = is_set(*config, "CONFIG_MODVERSIONS");
  for (auto& symbol : parse_symvers(*symvers))
    read.exports.emplace(symbol.name, symbol);
  read.system_map = std::move(*system_map);
  read.declaration = [headers = kernel.headers(), config = std::move(*config)](const std::string& symbol) {
    return search(headers, config, symbol);
  };
  return read;
}

}  // namespace labctl
