#include <fmt/format.h>

#include <algorithm>

#include "keys.hpp"
#include "steps.hpp"
#include "text_expectation.hpp"
#include "values.hpp"

namespace labctl::spec {
namespace {

using Kind = YamlNode::Kind;

const std::vector<std::string> conditions = {"has", "lacks", "matches", "sequence", "count"};

// Texts for the kernel log: no record ends in a newline, so a text that does (a block with "|") is in none.
std::vector<std::string> log_texts(Context& context, const YamlNode& node, std::string_view what) {
  std::vector<std::string> texts = search_texts(context, node, what);
  const auto ended =
      std::find_if(texts.begin(), texts.end(), [](const std::string& text) { return text.ends_with('\n'); });
  if (ended != texts.end()) {
    context.faults.add(node.position, fmt::format("{} ends in a newline, which no kernel log line does", shown(*ended)),
                       "write it on one line, or the block with |-");
  }
  return texts;
}

void parse_sequence(Context& context, const YamlNode& node, DmesgStep& dmesg) {
  if (node.kind != Kind::list) {
    check_list(context, node, "sequence");
    return;
  }
  dmesg.sequence = log_texts(context, node, "sequence");
  if (node.items.size() == 1) {
    context.faults.add(node.position, "a sequence of one text has no order", "use has");
  }
}

void parse_count(Context& context, const YamlNode& node, DmesgStep& dmesg) {
  if (!check_map(context, node, "count", "count")) return;
  const YamlNode* text = node.find("text");
  const YamlNode* times = node.find("times");
  if (text == nullptr || times == nullptr) {
    context.faults.add(node.position, fmt::format("\"count\" needs \"{}\"", text == nullptr ? "text" : "times"),
                       "as in count: {text: \"tick\", times: 3}");
  }
  if (times != nullptr) {
    if (auto value = integer_value(context, *times, "times", 0, 1'000'000)) {
      dmesg.count = static_cast<std::uint64_t>(*value);
    }
  }
  if (text == nullptr) return;
  if (text->kind == Kind::list) {
    text_value(context, *text, "text");
    return;
  }
  const auto texts = log_texts(context, *text, "text");
  if (!texts.empty()) dmesg.count_text = texts[0];
}

void check_contradictions(Context& context, const YamlNode& action, const DmesgStep& dmesg) {
  if (const auto* lacks = action.find("lacks"); lacks != nullptr && !dmesg.lacks.empty()) {
    check_not_contradictory(context, *lacks, dmesg.lacks, "has", dmesg.has);
    check_not_contradictory(context, *lacks, dmesg.lacks, "sequence", dmesg.sequence);
    if (dmesg.count.value_or(0) > 0) check_not_contradictory(context, *lacks, dmesg.lacks, "count", {dmesg.count_text});
  }
  if (dmesg.count == 0 && !dmesg.count_text.empty()) {
    const auto holds = [&dmesg](const std::string& text) { return text.find(dmesg.count_text) != std::string::npos; };
    if (std::any_of(dmesg.has.begin(), dmesg.has.end(), holds) ||
        std::any_of(dmesg.sequence.begin(), dmesg.sequence.end(), holds)) {
      context.faults.add(action.find("count")->position,
                         fmt::format("\"count\" 0 of {} contradicts what the log must have", shown(dmesg.count_text)),
                         "no log can do both");
    }
  }
}

void parse_within(Context& context, const YamlNode& action, const YamlNode& step, DmesgStep& dmesg) {
  const YamlNode* node = action.find("within");
  if (node == nullptr) return;
  const auto within = duration_value(context, *node, "within");
  if (!within) return;
  dmesg.within = *within;
  const bool waits_for_something = action.find("has") != nullptr || action.find("matches") != nullptr ||
                                   action.find("sequence") != nullptr ||
                                   (action.find("count") != nullptr && dmesg.count != 0);
  if (!waits_for_something) {
    context.faults.add(node->position, "\"within\" has nothing to wait for",
                       "it waits for has, matches, sequence or count to come true");
  }
  // A bad limit has had its fault, or will.
  const YamlNode* limit_node = step.find("limit");
  if (limit_node == nullptr) return;
  Faults unheard;
  Context quiet{context.file, context.source, unheard};
  if (const auto limit = duration_value(quiet, *limit_node, "limit"); limit && *limit < *within) {
    context.faults.add(node->position, "\"within\" is longer than the step's \"limit\"",
                       "the limit ends the wait: make it at least as long, or leave it out");
  }
}

}  // namespace

std::optional<Action> parse_dmesg(Context& context, const YamlNode& action, const YamlNode& step) {
  DmesgStep dmesg;
  if (action.kind == Kind::scalar) {
    dmesg.has = log_texts(context, action, "dmesg");
    return dmesg;
  }
  if (action.kind == Kind::list || action.kind == Kind::null) {
    context.faults.add(action.position, "\"dmesg\" must be text or a map, not " + describe(action),
                       "dmesg: {has: [...]}");
    return std::nullopt;
  }
  const auto& keys = keys_of("dmesg");
  if (!check_map(context, action, "dmesg", "dmesg")) return std::nullopt;

  if (const auto* node = action.find("has")) dmesg.has = log_texts(context, *node, "has");
  if (const auto* node = action.find("lacks")) dmesg.lacks = log_texts(context, *node, "lacks");
  if (const auto* node = action.find("matches")) dmesg.matches = search_patterns(context, *node, "matches");
  if (const auto* node = action.find("sequence")) parse_sequence(context, *node, dmesg);
  if (const auto* node = action.find("count")) parse_count(context, *node, dmesg);
  if (const auto* node = action.find("level")) {
    static const std::vector<std::string> levels = {"emerg",   "alert",  "crit", "err",
                                                    "warning", "notice", "info", "debug"};
    if (const auto level = choice_value(context, *node, "level", levels)) dmesg.level = static_cast<LogLevel>(*level);
  }
  if (const auto* node = action.find("since")) {
    const auto since = choice_value(context, *node, "since", {"test", "step"});
    if (since == 1U) dmesg.scope = LogScope::step;
  }
  parse_within(context, action, step, dmesg);

  const bool looks = std::any_of(conditions.begin(), conditions.end(),
                                 [&action](const std::string& key) { return action.find(key) != nullptr; });
  // With an unknown key this would be the same fault twice: has was misspelt.
  const bool all_known = std::all_of(action.entries.begin(), action.entries.end(), [&keys](const YamlEntry& entry) {
    return std::find(keys.begin(), keys.end(), entry.key) != keys.end();
  });
  if (!looks && all_known) {
    context.faults.add(action.position, "this dmesg step has nothing to look for",
                       "it needs has, lacks, matches, sequence or count");
  }
  check_contradictions(context, action, dmesg);
  return dmesg;
}

}  // namespace labctl::spec
