#include "grade/score.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "support/text.hpp"

namespace labctl {

namespace {

int days_late(const GradedStudent& student, std::optional<std::chrono::sys_seconds> submitted,
              const LatePolicy& policy) {
  if (!policy.due) return 0;
  if (!submitted) return student.late ? 1 : 0;
  if (*submitted <= *policy.due + policy.grace) return 0;
  return static_cast<int>(std::chrono::ceil<std::chrono::days>(*submitted - *policy.due).count());
}

const Override* override_of(const std::vector<Override>& overrides, const std::string& id, const std::string& test) {
  const auto found = std::find_if(overrides.begin(), overrides.end(),
                                  [&](const Override& one) { return one.id == id && one.test == test; });
  return found == overrides.end() ? nullptr : &*found;
}

}  // namespace

FinalScore final_score(const GradedStudent& student, std::optional<std::chrono::sys_seconds> submitted,
                       const LatePolicy& policy, const std::vector<Override>& overrides) {
  FinalScore score;
  score.graded = student.state != GradeState::infrastructure_error;
  int counted = 0;
  for (const auto& test : student.tests) {
    score.possible += test.points;
    score.raw += test.earned;
    const Override* given = override_of(overrides, student.id, test.name);
    counted += given != nullptr ? std::min(given->points, test.points) : test.earned;
    if (given != nullptr) score.reasons.push_back(fmt::format("{}: {}", test.name, given->reason));
  }
  score.days_late = days_late(student, submitted, policy);
  score.late_percent = std::min(100, score.days_late * policy.percent_a_day);
  score.hundredths = counted * (100 - score.late_percent);
  if (const Override* all = override_of(overrides, student.id, "")) {
    score.hundredths = all->points * 100;
    score.reasons.push_back(all->reason);
    score.graded = true;
  }
  return score;
}

std::vector<std::string> unused_overrides(const std::vector<GradeRow>& rows, const std::vector<Override>& overrides) {
  std::vector<std::string> unused;
  for (const auto& one : overrides) {
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const GradeRow& each) { return each.student.id == one.id; });
    if (row == rows.end()) {
      unused.push_back(fmt::format("there is no student {}", labctl::quoted(one.id)));
      continue;
    }
    const auto& tests = row->student.tests;
    if (!one.test.empty() &&
        std::none_of(tests.begin(), tests.end(), [&](const GradedTest& test) { return test.name == one.test; }))
      unused.push_back(fmt::format("student {} has no test {}", labctl::quoted(one.id), labctl::quoted(one.test)));
  }
  return unused;
}

}  // namespace labctl
