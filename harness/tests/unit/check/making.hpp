// Short ways to make tests, observations and logs.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "check/check.hpp"

namespace labctl::making {

inline KmsgRecord record(std::string text, int level = 6, int facility = 0) {
  KmsgRecord made;
  made.text = std::move(text);
  made.level = level;
  made.facility = facility;
  made.timestamp_us = 1'500'000;
  return made;
}

inline ReadStep read_of(std::string file) {
  ReadStep made;
  made.file = std::move(file);
  return made;
}

// A test with its evidence, step by step. Records are given with the step during which they appeared.
class Story {
 public:
  explicit Story(const std::vector<KmsgRecord>& boot = {}) {
    evidence.log = boot;
    evidence.test_begin = boot.size();
    test.name = "story";
  }

  // The step completes with what `fill` sets in its observation.
  template <class Action, class Fill>
  Story& step(Action action, Fill fill, const std::vector<KmsgRecord>& log = {}) {
    test.steps.emplace_back();
    test.steps.back().action = std::move(action);
    Observation seen;
    seen.ending = Ending::completed;
    seen.log_begin = evidence.log.size();
    evidence.log.insert(evidence.log.end(), log.begin(), log.end());
    seen.log_end = evidence.log.size();
    fill(seen);
    evidence.steps.push_back(std::move(seen));
    return *this;
  }

  template <class Action>
  Story& step(Action action, const std::vector<KmsgRecord>& log = {}) {
    return step(
        std::move(action), [](Observation&) {}, log);
  }

  // Lets the last step go on after a failure.
  Story& go_on() {
    test.steps.back().continue_on_failure = true;
    return *this;
  }

  std::vector<CheckResult> checks(std::size_t index) const { return check_step(test, index, evidence); }
  std::vector<CheckResult> checks() const { return checks(test.steps.size() - 1); }
  TestResult judge(const std::vector<KernelReport>& reports = {}) const { return judge_test(test, evidence, reports); }

  Test test;
  Evidence evidence;
};

inline bool all_passed(const std::vector<CheckResult>& checks) {
  return !checks.empty() &&
         std::all_of(checks.begin(), checks.end(), [](const CheckResult& check) { return check.passed; });
}

// The first failed check, or an empty one.
inline CheckResult failure(const std::vector<CheckResult>& checks) {
  const auto found = std::find_if(checks.begin(), checks.end(), [](const CheckResult& check) { return !check.passed; });
  return found == checks.end() ? CheckResult{} : *found;
}

template <class T, class Fill>
T with(Fill fill) {
  T made;
  fill(made);
  return made;
}

}  // namespace labctl::making
