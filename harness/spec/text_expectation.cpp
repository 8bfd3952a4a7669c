#include "text_expectation.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "keys.hpp"
#include "structure_expectation.hpp"
#include "support/text.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t max_pattern = 4096;         // bytes
constexpr std::int64_t pattern_memory = 1 << 20;  // of RE2; check/ compiles with more
constexpr std::size_t max_tried_text = 1 << 16;   // bytes of an equals that its other checks are tried on
constexpr int failed_pattern_cost = 40'000;       // what RE2 may have compiled before it gave up

bool matches_text(const RE2& expression, std::string_view text) {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), expression);
}

// Whether an expression matches whatever it is given, as ".*" and "x*" do. Told by texts that have nothing in common:
// none, every ASCII character, and many lines.
bool matches_anything(const RE2& expression) {
  static const std::string every = [] {
    std::string text;
    for (char c = 1; c < 127; ++c)
      text += c;
    return text + "\xC3\xA9\xE2\x82\xAC";  // and two beyond it
  }();
  static const std::string many = [] {
    std::string text;
    for (int i = 0; i < 3000; ++i)
      text += "a\n";
    return text;
  }();
  return matches_text(expression, "") && matches_text(expression, every) && matches_text(expression, many);
}

// The position of part within the text of a scalar; the scalar's own where the source has the text in another form
// (escapes, several lines).
Position position_within(const Context& context, const YamlNode& node, std::size_t byte) {
  const std::string_view source = context.source.text();
  std::size_t begin = node.offset;
  if (begin < source.size() && (source[begin] == '"' || source[begin] == '\'')) ++begin;
  if (!source.substr(std::min(begin, source.size())).starts_with(node.text)) return node.position;
  Position position = node.position;
  for (std::size_t i = node.offset; i < begin + byte; ++i) {
    if (source[i] == '\n') return node.position;
    if ((static_cast<unsigned char>(source[i]) & 0xC0) != 0x80) ++position.column;
  }
  return position;
}

void add_pattern_fault(Context& context, const YamlNode& node, const RE2& expression) {
  const std::string& fragment = expression.error_arg();
  const std::size_t at = fragment.empty() ? std::string::npos : node.text.find(fragment);
  std::string where;
  Position position = node.position;
  // For some errors RE2 names the whole expression.
  if (at != std::string::npos && fragment.size() < node.text.size()) {
    const auto character = 1 + std::count_if(node.text.begin(), node.text.begin() + static_cast<std::ptrdiff_t>(at),
                                             [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    where = fmt::format(" at character {} ({})", character, shown(fragment));
    position = position_within(context, node, at);
  }
  // RE2's message is "reason: fragment".
  std::string reason = expression.error();
  if (!fragment.empty() && reason.ends_with(": " + fragment)) reason.resize(reason.size() - fragment.size() - 2);
  const bool lookaround = fragment.starts_with("(?");
  const bool backreference = fragment.size() == 2 && fragment[0] == '\\' && fragment[1] >= '1' && fragment[1] <= '9';
  context.faults.add(position,
                     fmt::format("bad regular expression {}: {}{}", shown(node.text), printable(reason), where),
                     lookaround || backreference ? "RE2 has no look-around and no backreferences"
                                                 : "the syntax is RE2's; a literal bracket or dot needs a backslash");
}

// An expression with some text for each ${...}.
std::string without_values(std::string text) {
  for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at)) {
    const std::size_t end = text.find('}', at);
    text.replace(at, end == std::string::npos ? std::string::npos : end + 1 - at, "1");
  }
  return text;
}

// Whether the node's text is an expression that can be used.
bool check_pattern(Context& context, const YamlNode& node) {
  if (node.text.size() > max_pattern) {
    context.faults.add(node.position, fmt::format("a regular expression of {} bytes", node.text.size()),
                       fmt::format("at most {}", max_pattern));
    return false;
  }
  if (context.regex_budget <= 0) {
    context.faults.add(node.position, "too many large regular expressions in one spec", "use contains for plain text");
    return false;
  }
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(pattern_memory);
  const RE2 expression(without_values(node.text), options);
  context.regex_budget -= expression.ok() ? std::max(expression.ProgramSize(), 100) : failed_pattern_cost;
  if (!expression.ok()) {
    add_pattern_fault(context, node, expression);
    return false;
  }
  if (matches_anything(expression)) {
    context.faults.add(node.position, fmt::format("{} matches any text, so the check cannot fail", shown(node.text)),
                       "name what must be there");
    return false;
  }
  return true;
}

std::vector<std::string> texts_of(Context& context, const YamlNode& node, std::string_view what, bool patterns) {
  std::vector<std::string> texts;
  for (const YamlNode* item : one_or_more(context, node, what)) {
    auto text = text_value(context, *item, what);
    if (!text) continue;
    if (text->empty()) {
      context.faults.add(item->position, fmt::format("empty text in \"{}\"", what),
                         "every text holds it, so the check says nothing: name what to look for");
    } else if (!patterns || check_pattern(context, *item)) {
      texts.push_back(std::move(*text));
    }
  }
  return texts;
}

// equals says everything: each other check either holds with it or never can. One final newline does not count in
// equals, so both forms are tried.
void check_against_equals(Context& context, const YamlNode& map, const TextExpectation& expect) {
  if (expect.equals->size() > max_tried_text || has_values(*expect.equals)) return;
  std::string bare = *expect.equals;
  if (bare.ends_with('\n')) bare.pop_back();
  const std::string ended = bare + "\n";
  const auto contradicts = [&](std::string_view key, const std::string& value) {
    context.faults.add(map.find(key)->position,
                       fmt::format("\"{}\" {} contradicts \"equals\" {}", key, value, shown(*expect.equals)),
                       "equals fixes the whole text: drop one of the two");
  };
  for (const std::string& text : expect.contains) {
    if (!has_values(text) && ended.find(text) == std::string::npos) contradicts("contains", shown(text));
  }
  for (const std::string& text : expect.lacks) {
    if (bare.find(text) != std::string::npos) contradicts("lacks", shown(text));
  }
  for (const std::string& pattern : expect.matches) {
    const RE2 expression(pattern, RE2::Quiet);
    if (!has_values(pattern) && !matches_text(expression, bare) && !matches_text(expression, ended))
      contradicts("matches", shown(pattern));
  }
  if (expect.lines) {
    const auto count = [](const std::string& text) { return static_cast<std::int64_t>(split_lines(text).size()); };
    if (*expect.lines != count(bare) && *expect.lines != count(ended)) {
      contradicts("lines", fmt::format("{}", *expect.lines));
    }
  }
}

}  // namespace

std::vector<std::string> search_texts(Context& context, const YamlNode& node, std::string_view what) {
  return texts_of(context, node, what, false);
}

std::vector<std::string> search_patterns(Context& context, const YamlNode& node, std::string_view what) {
  return texts_of(context, node, what, true);
}

std::optional<std::string> group_pattern(Context& context, const YamlNode& node, std::string_view what) {
  if (!text_value(context, node, what) || !check_pattern(context, node)) return std::nullopt;
  if (RE2(without_values(node.text), RE2::Quiet).NumberOfCapturingGroups() == 1) return node.text;
  context.faults.add(node.position, fmt::format("{} must have one group, in brackets: what is taken", shown(node.text)),
                     "(?:...) is a group that does not count");
  return std::nullopt;
}

void check_not_contradictory(Context& context, const YamlNode& lacks_node, const std::vector<std::string>& lacking,
                             std::string_view wanted_key, const std::vector<std::string>& wanted) {
  for (const std::string& absent : lacking) {
    if (context.faults.full()) return;
    const auto found = std::find_if(wanted.begin(), wanted.end(), [&absent](const std::string& present) {
      return !has_values(present) && present.find(absent) != std::string::npos;
    });
    if (found == wanted.end()) continue;
    context.faults.add(lacks_node.position,
                       fmt::format("\"lacks\" {} contradicts \"{}\" {}", shown(absent), wanted_key, shown(*found)),
                       "no text can do both");
  }
}

const std::vector<std::string>& text_check_keys() {
  return keys_of("text_checks");
}

TextExpectation text_checks(Context& context, const YamlNode& map) {
  TextExpectation expect;
  if (const auto* node = map.find("equals")) expect.equals = text_value(context, *node, "equals");
  if (const auto* node = map.find("contains")) expect.contains = search_texts(context, *node, "contains");
  if (const auto* node = map.find("lacks")) expect.lacks = search_texts(context, *node, "lacks");
  if (const auto* node = map.find("matches")) expect.matches = search_patterns(context, *node, "matches");
  if (const auto* node = map.find("lines")) expect.lines = integer_value(context, *node, "lines", 0, 1'000'000);

  structure_checks(context, map, expect);

  if (expect.equals) {
    check_against_equals(context, map, expect);
  } else {
    if (!expect.lacks.empty()) {
      check_not_contradictory(context, *map.find("lacks"), expect.lacks, "contains", expect.contains);
    }
    if (expect.lines == 0 && !expect.contains.empty()) {
      context.faults.add(map.find("lines")->position,
                         "\"lines\" 0 contradicts \"contains\" " + shown(expect.contains[0]), "no text can do both");
    }
  }
  return expect;
}

TextExpectation text_expectation(Context& context, const YamlNode& node, std::string_view what) {
  TextExpectation expect;
  if (node.kind == Kind::scalar) {
    expect.equals = node.text;
  } else if (check_map(context, node, what, "text_checks")) {
    expect = text_checks(context, node);
  }
  return expect;
}

}  // namespace labctl::spec
