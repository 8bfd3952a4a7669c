#include "step_expectation.hpp"

#include <fmt/format.h>

#include "keys.hpp"
#include "text_expectation.hpp"
#include "values.hpp"

namespace labctl::spec {

const YamlNode* expect_map(Context& context, const YamlNode& step, std::string_view map) {
  const YamlNode* expect = step.find("expect");
  return expect != nullptr && check_map(context, *expect, "expect", map) ? expect : nullptr;
}

int expected_errno(Context& context, const YamlNode& expect) {
  const YamlNode* node = expect.find("errno");
  return node == nullptr ? 0 : errno_value(context, *node).value_or(0);
}

void check_errno_alone(Context& context, const YamlNode& expect, const std::vector<std::string>& keys) {
  if (expect.find("errno") == nullptr) return;
  for (const std::string& key : keys) {
    if (const auto* entry = expect.find_entry(key)) {
      context.faults.add(entry->position, fmt::format("\"{}\" contradicts \"errno\"", key),
                         "a call that fails gives nothing to look at: keep one of the two");
    }
  }
}

TextExpectation text_or_errno(Context& context, const YamlNode& step, int& expect_errno, std::string_view map) {
  TextExpectation text;
  const YamlNode* expect = step.find("expect");
  if (expect == nullptr) return text;
  if (expect->kind == YamlNode::Kind::scalar) {
    text.equals = expect->text;
    return text;
  }
  if (!check_map(context, *expect, "expect", map)) return text;
  expect_errno = expected_errno(context, *expect);
  text = text_checks(context, *expect);
  std::vector<std::string> checks = keys_of(map);
  std::erase(checks, "errno");
  check_errno_alone(context, *expect, checks);
  return text;
}

}  // namespace labctl::spec
