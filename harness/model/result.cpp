#include "model/result.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "support/text.hpp"

namespace labctl {

std::string_view status_name(TestStatus status) {
  switch (status) {
    case TestStatus::passed: return "passed";
    case TestStatus::failed: return "failed";
    case TestStatus::build_failed: return "build-failed";
    case TestStatus::timeout: return "timeout";
    case TestStatus::crashed: return "crashed";
    case TestStatus::tampered: return "tampered";
    case TestStatus::not_run: return "not-run";
    case TestStatus::infrastructure_error: return "infrastructure-error";
  }
  return "unknown";
}

std::optional<TestStatus> status_named(std::string_view name) {
  for (const auto status :
       {TestStatus::passed, TestStatus::failed, TestStatus::build_failed, TestStatus::timeout, TestStatus::crashed,
        TestStatus::tampered, TestStatus::not_run, TestStatus::infrastructure_error})
    if (status_name(status) == name) return status;
  return std::nullopt;
}

bool keeps_step_points(TestStatus status) {
  return status == TestStatus::passed || status == TestStatus::failed || status == TestStatus::timeout;
}

Score score(const LabResult& lab) {
  Score sum;
  for (const TestResult& test : lab.tests) {
    if (!test.points) continue;
    sum.possible += *test.points;
    sum.earned += test.earned;
    if (test.status == TestStatus::infrastructure_error) sum.not_judged += *test.points;
  }
  return sum;
}

bool passed(const LabResult& lab) {
  return lab.error.empty() && !lab.tests.empty() &&
         std::all_of(lab.tests.begin(), lab.tests.end(),
                     [](const TestResult& test) { return test.status == TestStatus::passed; });
}

bool infrastructure_failed(const LabResult& lab) {
  if (!lab.error.empty()) return true;
  bool not_run = false;
  bool modules_fault = std::any_of(lab.builds.begin(), lab.builds.end(),
                                   [](const BuildResult& build) { return !build.succeeded && !build.meant_to_fail; });
  for (const TestResult& test : lab.tests) {
    switch (test.status) {
      case TestStatus::infrastructure_error: return true;
      case TestStatus::not_run: not_run = true; break;
      case TestStatus::passed: break;
      case TestStatus::failed:
      case TestStatus::build_failed:
      case TestStatus::timeout:
      case TestStatus::crashed:
      case TestStatus::tampered: modules_fault = true; break;
    }
  }
  // A test that did not run although nothing failed before it cannot be held against the module.
  return not_run && !modules_fault;
}

std::string format_record(const KmsgRecord& record) {
  const std::string prefix =
      fmt::format("[{:5}.{:06}] ", record.timestamp_us / 1'000'000, record.timestamp_us % 1'000'000);
  const std::string indent(prefix.size(), ' ');
  std::string text = prefix;
  // Further lines are indented: a record cannot pass for two.
  for (const char c : printable(record.text)) {
    text += c;
    if (c == '\n') text += indent;
  }
  return text;
}

}  // namespace labctl
