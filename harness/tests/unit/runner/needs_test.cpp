// Tests that need other tests.
#include <gmock/gmock.h>

#include "lab_tests.hpp"

namespace labctl {
namespace {

Test test_that_needs(const std::string& name, std::vector<std::string> needs) {
  Test test;
  test.name = name;
  test.points = 2;
  test.needs = std::move(needs);
  return test;
}

class Needs : public testing::Test {
 protected:
  Needs() {
    lab_.tests = {test_that_needs("first", {}), test_that_needs("second", {"first"}),
                  test_that_needs("third", {"second"}), test_that_needs("other", {})};
  }
  // What becomes of them when all but the first passed.
  std::vector<TestResult> after(TestStatus first) const {
    std::vector<TestResult> results;
    for (const auto& test : lab_.tests)
      results.push_back(not_judged(test, TestStatus::passed, ""));
    results[0].status = first;
    withdraw_what_says_nothing(lab_, results);
    return results;
  }
  Lab lab_;
};

TEST_F(Needs, WhatPassedIsNotInTheWay) {
  for (const auto& result : after(TestStatus::passed))
    EXPECT_EQ(result.status, TestStatus::passed) << result.name;
}

TEST_F(Needs, AVerdictThatIsMissingIsNobodysFault) {
  const auto results = after(TestStatus::infrastructure_error);
  EXPECT_EQ(results[1].status, TestStatus::infrastructure_error);
  EXPECT_EQ(results[1].message, "it needs \"first\", which could not be judged");
  EXPECT_EQ(results[2].status, TestStatus::infrastructure_error) << "nor the next one's";
  EXPECT_EQ(results[3].status, TestStatus::passed) << "which needs none";
  LabResult lab;
  lab.tests = results;
  EXPECT_EQ(score(lab).not_judged, 6) << "no point is lost";
  EXPECT_TRUE(infrastructure_failed(lab));
}

TEST_F(Needs, WhatFailedTakesTheNextOnesWithIt) {
  for (const TestStatus failed : {TestStatus::failed, TestStatus::crashed, TestStatus::build_failed}) {
    const auto results = after(failed);
    EXPECT_EQ(results[1].status, TestStatus::not_run);
    EXPECT_EQ(results[1].message, "it needs \"first\", which did not pass");
    EXPECT_EQ(results[2].status, TestStatus::not_run);
  }
}

}  // namespace
}  // namespace labctl
