#include "step_expectation.hpp"

#include <fmt/format.h>

#include "text_expectation.hpp"
#include "values.hpp"

namespace labctl::spec {

const YamlNode* expect_map(Context& context, const YamlNode& step, const std::vector<std::string>& keys) {
  const YamlNode* expect = step.find("expect");
  return expect != nullptr && check_map(context, *expect, "expect", keys) ? expect : nullptr;
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

TextExpectation text_or_errno(Context& context, const YamlNode& step, int& expect_errno,
                              const std::vector<std::string>& more) {
  TextExpectation text;
  const YamlNode* expect = step.find("expect");
  if (expect == nullptr) return text;
  if (expect->kind == YamlNode::Kind::scalar) {
    text.equals = expect->text;
    return text;
  }
  std::vector<std::string> checks = more;
  checks.insert(checks.end(), text_check_keys().begin(), text_check_keys().end());
  std::vector<std::string> keys = {"errno"};
  keys.insert(keys.end(), checks.begin(), checks.end());
  if (!check_map(context, *expect, "expect", keys)) return text;
  expect_errno = expected_errno(context, *expect);
  text = text_checks(context, *expect);
  check_errno_alone(context, *expect, checks);
  return text;
}

}  // namespace labctl::spec
