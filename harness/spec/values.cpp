#include "values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "keys.hpp"
#include "names.hpp"
#include "support/text.hpp"

namespace labctl::spec {
namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t max_line = 200;   // bytes of a name or title
constexpr std::size_t max_texts = 100;  // of one key: they are compared with each other
constexpr std::size_t max_path = 4095;  // PATH_MAX in <linux/limits.h>, without its NUL

void wanted(Context& context, const YamlNode& node, std::string_view what, std::string_view kind,
            std::string hint = {}) {
  if (node.kind == Kind::refused) return;
  context.faults.add(node.position, fmt::format("\"{}\" must be {}, not {}", what, kind, describe(node)),
                     std::move(hint));
}

// The whole of text as a number without sign and leading zeros.
std::optional<std::int64_t> number(std::string_view text) {
  if (text.empty() || text.size() > 18 || (text[0] == '0' && text.size() > 1)) return std::nullopt;
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "256M" → (256, "M").
std::pair<std::optional<std::int64_t>, std::string_view> number_and_unit(std::string_view text) {
  const auto unit = std::min(text.find_first_not_of("0123456789"), text.size());
  return {number(text.substr(0, unit)), text.substr(unit)};
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
}

}  // namespace

std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case Kind::null: return "nothing";
    case Kind::scalar: {
      const std::string text = shown(node.text);
      const bool as_written = node.plain && node.text.size() <= 60 && !node.text.empty();
      return as_written ? text.substr(1, text.size() - 2) : text;
    }
    case Kind::list: return "a list";
    case Kind::map: return "a map";
    case Kind::refused: return "something else";
  }
  return {};
}

bool check_map(Context& context, const YamlNode& node, std::string_view what, std::string_view map) {
  const auto& keys = keys_of(map);
  if (node.kind == Kind::refused) return false;
  if (node.kind != Kind::map || node.entries.empty()) {
    const std::string fault = node.kind == Kind::map ? fmt::format("{} is an empty map", what)
                                                     : fmt::format("{} must be a map, not {}", what, describe(node));
    context.faults.add(node.position, fault, "its keys: " + join(keys, ", "));
    return false;
  }
  for (const YamlEntry& entry : node.entries) {
    if (std::find(keys.begin(), keys.end(), entry.key) != keys.end()) continue;
    context.faults.add(entry.position, fmt::format("unknown key {} in {}", shown(entry.key), what),
                       context.faults.names_hint(entry.key, keys));
  }
  return true;
}

const YamlNode* required(Context& context, const YamlNode& map, std::string_view key, std::string_view of,
                         std::string_view example) {
  const YamlNode* node = map.find(key);
  // Misspelt, it has had its fault already.
  const bool misspelt = std::any_of(map.entries.begin(), map.entries.end(), [key](const YamlEntry& entry) {
    return nearest(entry.key, {std::string(key)}).has_value();
  });
  if (node == nullptr && !misspelt) {
    context.faults.add(map.position, fmt::format("{} needs \"{}\"", of, key), "as in " + std::string(example));
  }
  return node;
}

bool check_list(Context& context, const YamlNode& node, std::string_view what) {
  if (node.kind == Kind::list && !node.items.empty()) return true;
  if (node.kind == Kind::list) {
    context.faults.add(node.position, fmt::format("\"{}\" is an empty list", what));
  } else {
    wanted(context, node, what, "a list",
           node.kind == Kind::scalar ? fmt::format("[{}]", printable(node.text.substr(0, 40))) : "");
  }
  return false;
}

std::optional<std::string> text_value(Context& context, const YamlNode& node, std::string_view what) {
  if (node.kind == Kind::scalar) return node.text;
  wanted(context, node, what, "text", node.kind == Kind::null ? "empty text is \"\", the word null is \"null\"" : "");
  return std::nullopt;
}

std::optional<std::string> line_value(Context& context, const YamlNode& node, std::string_view what) {
  auto text = text_value(context, node, what);
  if (!text) return std::nullopt;
  if (text->find_first_not_of(" \t\n") == std::string::npos) {
    context.faults.add(node.position, fmt::format("\"{}\" is empty", what));
  } else if (text->size() > max_line) {
    context.faults.add(node.position, fmt::format("\"{}\" has {} bytes", what, text->size()),
                       fmt::format("at most {}", max_line));
  } else if (has_control(*text)) {
    context.faults.add(node.position, fmt::format("\"{}\" must be one line without control characters", what));
  } else {
    return text;
  }
  return std::nullopt;
}

std::vector<std::string> line_list(Context& context, const YamlNode& node, std::string_view what, ItemCheck check) {
  std::vector<std::string> lines;
  if (!check_list(context, node, what)) return lines;
  std::set<std::string> seen;
  for (const YamlNode& item : node.items) {
    auto line = line_value(context, item, what);
    if (!line || !check(context, item, *line)) continue;
    if (!seen.insert(*line).second) {
      context.faults.add(item.position, fmt::format("{} is in \"{}\" twice", shown(*line), what));
      continue;
    }
    lines.push_back(std::move(*line));
  }
  return lines;
}

std::vector<const YamlNode*> one_or_more(Context& context, const YamlNode& node, std::string_view what) {
  std::vector<const YamlNode*> nodes;
  if (node.kind == Kind::scalar) {
    nodes.push_back(&node);
  } else if (node.kind == Kind::list && node.items.empty()) {
    context.faults.add(node.position, fmt::format("\"{}\" is an empty list", what));
  } else if (node.kind == Kind::list && node.items.size() > max_texts) {
    context.faults.add(node.position, fmt::format("\"{}\" has {} texts", what, node.items.size()),
                       fmt::format("at most {}", max_texts));
  } else if (node.kind == Kind::list) {
    for (const YamlNode& item : node.items)
      nodes.push_back(&item);
  } else {
    wanted(context, node, what, "text or a list of texts");
  }
  return nodes;
}

std::optional<std::int64_t> integer_value(Context& context, const YamlNode& node, std::string_view what,
                                          std::int64_t least, std::int64_t most) {
  const std::string kind = fmt::format("a whole number from {} to {}", least, most);
  if (node.kind != Kind::scalar || !node.plain) {
    const bool quoted_number = node.kind == Kind::scalar && number(node.text).has_value();
    wanted(context, node, what, kind, quoted_number ? "write the number without quotes" : "");
    return std::nullopt;
  }
  const auto value = number(node.text);
  if (value && *value >= least && *value <= most) return value;
  const bool zeros =
      node.text.size() > 1 && node.text[0] == '0' && node.text.find_first_not_of("0123456789") == std::string::npos;
  wanted(context, node, what, kind, zeros ? "write the number without leading zeros" : "");
  return std::nullopt;
}

std::optional<bool> bool_value(Context& context, const YamlNode& node, std::string_view what) {
  if (node.kind == Kind::scalar && node.plain && (node.text == "true" || node.text == "false")) {
    return node.text == "true";
  }
  wanted(context, node, what, "true or false");
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> duration_value(Context& context, const YamlNode& node, std::string_view what) {
  constexpr std::int64_t longest_ms = 10 * 60 * 1000;
  const char* form = "as in 500ms, 5s or 2min";
  if (node.kind == Kind::scalar) {
    const auto [count, unit] = number_and_unit(node.text);
    const std::int64_t scale = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "min" ? 60'000 : 0;
    if (count && scale != 0) {
      if (*count >= 1 && *count <= longest_ms / scale) return std::chrono::milliseconds(*count * scale);
      wanted(context, node, what, "from 1ms to 10min");
      return std::nullopt;
    }
    if (count && unit.empty()) {
      wanted(context, node, what, "a duration", fmt::format("it needs a unit: {}s or {}ms", *count, *count));
      return std::nullopt;
    }
  }
  wanted(context, node, what, "a duration", form);
  return std::nullopt;
}

std::optional<int> size_value(Context& context, const YamlNode& node, std::string_view what, int least, int most) {
  const auto text = [](int mib) { return mib % 1024 == 0 ? fmt::format("{}G", mib / 1024) : fmt::format("{}M", mib); };
  if (node.kind == Kind::scalar) {
    const auto [count, unit] = number_and_unit(node.text);
    const std::int64_t scale = unit == "M" ? 1 : unit == "G" ? 1024 : 0;
    if (count && scale != 0) {
      if (*count <= most / scale && *count * scale >= least) return static_cast<int>(*count * scale);
      wanted(context, node, what, fmt::format("from {} to {}", text(least), text(most)));
      return std::nullopt;
    }
  }
  wanted(context, node, what, "a size", "as in 256M or 1G");
  return std::nullopt;
}

std::optional<std::string> version_value(Context& context, const YamlNode& node, std::string_view what) {
  if (node.kind == Kind::scalar && !version_numbers(node.text).empty()) return node.text;
  wanted(context, node, what, "a kernel version", "as in \"5.4\" or \"5.4.302\"");
  return std::nullopt;
}

std::optional<std::size_t> choice_value(Context& context, const YamlNode& node, std::string_view what,
                                        const std::vector<std::string>& choices) {
  if (node.kind == Kind::scalar) {
    const auto found = std::find(choices.begin(), choices.end(), node.text);
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
    context.faults.add(node.position, fmt::format("unknown {} {}", what, shown(node.text)),
                       context.faults.names_hint(node.text, choices));
  } else {
    wanted(context, node, what, "one word", "one of: " + join(choices, ", "));
  }
  return std::nullopt;
}

std::optional<int> errno_value(Context& context, const YamlNode& node) {
  static constexpr std::string_view form = "names from errno.h: EINVAL, ENOMEM, EBUSY, EIO, EFAULT, ENODEV, ...";
  if (node.kind != Kind::scalar) {
    wanted(context, node, "errno", "a name", std::string(form));
    return std::nullopt;
  }
  if (auto value = errno_by_name(node.text)) return value;
  std::string hint(form);
  if (node.text == "0") {
    hint = "a step that expects no errno must succeed: leave it out";
  } else if (const auto value = number(node.text.starts_with('-') ? node.text.substr(1) : node.text)) {
    for (const std::string& name : errno_names()) {
      if (errno_by_name(name) == *value) hint = "write " + name;
    }
  } else if (auto near = nearest(node.text, errno_names()); near && !context.faults.full()) {
    hint = "did you mean " + shown(*near) + "?";
  }
  context.faults.add(node.position, "unknown errno " + shown(node.text), hint);
  return std::nullopt;
}

std::optional<int> signal_value(Context& context, const YamlNode& node) {
  static constexpr std::string_view form = "as in SIGSEGV, SIGKILL, SIGBUS, SIGILL, SIGABRT, SIGTERM";
  if (node.kind != Kind::scalar) {
    wanted(context, node, "signal", "a name", std::string(form));
    return std::nullopt;
  }
  if (const auto value = signal_by_name(node.text)) return value;
  // TERM and 15 are what other tools call it.
  std::string hint(form);
  const auto value = number(node.text);
  const std::string full = node.text.starts_with("SIG") ? node.text : "SIG" + node.text;
  for (const std::string& name : signal_names())
    if (name == full || (value && signal_by_name(name) == *value)) hint = "write " + name;
  if (hint == form && !context.faults.full())
    if (const auto near = nearest(full, signal_names())) hint = "did you mean " + shown(*near) + "?";
  context.faults.add(node.position, "unknown signal " + shown(node.text), hint);
  return std::nullopt;
}

std::optional<int> ending_signal_value(Context& context, const YamlNode& node) {
  const auto value = signal_value(context, node);
  if (!value || signal_ends_program(*value)) return value;
  context.faults.add(node.position, node.text + " does not end a program, so this cannot be seen",
                     "as in SIGSEGV, SIGKILL, SIGABRT, SIGTERM");
  return std::nullopt;
}

bool is_value_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  // A repeat gives round its value.
  return !text.empty() && text != "round" && text.size() <= 40 && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool has_values(std::string_view text) {
  return text.find("${") != std::string_view::npos;
}

std::optional<Number> number_value(Context& context, const YamlNode& node, std::string_view what, std::int64_t least,
                                   std::int64_t most) {
  const bool plain_text = std::all_of(node.text.begin(), node.text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (node.kind == Kind::scalar && has_values(node.text) && plain_text) return node.text;
  const auto value = node.kind == Kind::scalar && node.plain ? whole_number(node.text) : std::nullopt;
  if (value && *value >= least && *value <= most) return node.text;
  const bool quoted_number = node.kind == Kind::scalar && !node.plain && whole_number(node.text);
  const bool unbounded = least == INT64_MIN && most == INT64_MAX;
  wanted(context, node, what, unbounded ? "a whole number" : fmt::format("a whole number from {} to {}", least, most),
         quoted_number ? "write the number without quotes" : "");
  return std::nullopt;
}

std::optional<std::int64_t> fixed_number_value(Context& context, const YamlNode& node, std::string_view what,
                                               std::int64_t least, std::int64_t most) {
  if (node.kind == Kind::scalar && has_values(node.text)) {
    wanted(context, node, what, "a whole number", "a value with ${...} cannot stand here: write the number");
    return std::nullopt;
  }
  const auto value = number_value(context, node, what, least, most);
  return value ? whole_number(*value) : std::nullopt;
}

std::optional<std::string> hex_value(Context& context, const YamlNode& node, std::string_view what) {
  auto text = text_value(context, node, what);
  if (!text) return std::nullopt;
  std::string digits;
  for (const char c : *text)
    if (c != ' ' && c != '\n') digits += c;
  if (digits.size() % 2 != 0 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    wanted(context, node, what, "bytes in hexadecimal", "two digits a byte, as in \"de ad be ef\"");
    return std::nullopt;
  }
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

std::optional<std::string> label_value(Context& context, const YamlNode& node, std::string_view what) {
  auto text = line_value(context, node, what);
  if (!text) return std::nullopt;
  constexpr std::string_view others = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  const bool good = text->front() >= 'a' && text->front() <= 'z' && text->size() <= 40 &&
                    text->find_first_not_of(others) == std::string::npos;
  if (good) return text;
  wanted(context, node, what, "a short name", "a to z, 0 to 9, _ and -, a letter first, at most 40");
  return std::nullopt;
}

std::optional<std::string> guest_file(Context& context, const YamlNode& node, std::string_view what) {
  if (node.kind != Kind::scalar || node.text.starts_with('/')) return guest_path(context, node, what);
  if (node.text.find('/') != std::string::npos || node.text.empty()) return guest_path(context, node, what);
  return label_value(context, node, what);
}

std::optional<std::string> guest_path(Context& context, const YamlNode& node, std::string_view what) {
  auto path = text_value(context, node, what);
  if (!path) return std::nullopt;
  if (!path->starts_with('/')) {
    context.faults.add(node.position, fmt::format("the path {} is not absolute", shown(*path)),
                       "paths are those of the guest: /proc/..., /sys/..., /dev/...");
  } else if (has_control(*path) || path->size() > max_path) {
    context.faults.add(node.position, fmt::format("{} is no path", shown(*path)),
                       fmt::format("at most {} bytes, no control characters", max_path));
  } else {
    return path;
  }
  return std::nullopt;
}

}  // namespace labctl::spec
