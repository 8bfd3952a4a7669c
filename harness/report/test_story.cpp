#include "report/test_story.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "details.hpp"
#include "safe_text.hpp"
#include "support/text.hpp"

namespace labctl {

using namespace report;

std::string test_story(const TestResult& test) {
  if (test.hidden) return "";
  TestResult told = test;
  told.hint.clear();  // it has a place of its own
  return join(test_details(told, Style(false), false), "\n");
}

std::string test_ending(const TestResult& test) {
  return test.status == TestStatus::passed ? "" : message_of(test);
}

std::string test_diagnosis(const TestResult& test) {
  if (test.status == TestStatus::passed) return "";
  if (test.hidden) return message_of(test);
  for (const auto& report : test.reports) {
    if (report.expected) continue;
    const SourceLine* line = own_line(report.trace);
    return one_line(line == nullptr ? report.kind : fmt::format("{} in {}()", report.kind, line->function));
  }
  for (const auto& step : test.steps) {
    if (step.status != StepStatus::failed) continue;
    for (const auto& check : step.checks)
      if (!check.passed) return one_line(step.summary + ": " + check.what);
    return one_line(step.summary);
  }
  for (const auto& check : test.report_checks)
    if (!check.passed) return one_line(check.what);
  return message_of(test);
}

std::string build_ending(const LabResult& lab) {
  const auto failed = failed_builds(lab);
  return failed.empty() ? "" : build_message(lab, *failed.front());
}

}  // namespace labctl
