// Which tests are done again in a debug kernel.
#include "debug_rerun.hpp"

#include <gtest/gtest.h>

namespace labctl {
namespace {

// "test run flavour cpus", or nothing.
std::string planned(TestStatus status, std::string flavour, std::vector<std::string> flavours = {}) {
  Lab lab;
  lab.tests.resize(2);
  lab.tests[1].flavours = std::move(flavours);
  std::vector<TestResult> results(2);
  results[0].status = TestStatus::passed;
  results[0].run = {1, "release", 1};
  results[1].status = status;
  results[1].run = {3, std::move(flavour), 2};
  std::string text;
  for (const auto& [test, run] : debug_reruns(lab, results))
    text +=
        std::to_string(test) + " " + std::to_string(run.number) + " " + run.flavour + " " + std::to_string(run.cpus);
  return text;
}

TEST(DebugRerun, IsOfWhatCrashedOrHungInRelease) {
  EXPECT_EQ(planned(TestStatus::crashed, "release"), "1 3 debug 2");
  EXPECT_EQ(planned(TestStatus::timeout, "release", {"release"}), "1 3 debug 2");
  for (const auto status : {TestStatus::passed, TestStatus::failed, TestStatus::build_failed, TestStatus::tampered,
                            TestStatus::not_run, TestStatus::infrastructure_error})
    EXPECT_EQ(planned(status, "release"), "") << status_name(status);
}

TEST(DebugRerun, IsNotOfWhatIsDoneInDebugAnyway) {
  EXPECT_EQ(planned(TestStatus::crashed, "debug"), "");
  EXPECT_EQ(planned(TestStatus::crashed, "release", {"release", "debug"}), "");
}

}  // namespace
}  // namespace labctl
