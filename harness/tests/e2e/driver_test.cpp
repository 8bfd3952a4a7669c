// What a failed test shows of labctl's report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

json test_of_report(const std::string& name, const std::string& status) {
  const json check = {{"passed", status == "passed"}, {"what", "content"}, {"expected", name + " expected"}};
  return {{"name", name},
          {"status", status},
          {"message", name + " message"},
          {"steps", {{{"summary", "read /proc/x"}, {"checks", {check}}}}},
          {"log_excerpt", {name + " log"}},
          {"console_tail", ""}};
}

TEST(AccountOf, AReportIsWhatDidNotPass) {
  const json lab = {{"lab", "bank"},
                    {"builds", json::array()},
                    {"tests", {test_of_report("good", "passed"), test_of_report("bad", "failed")}}};
  ProcessOutcome outcome;
  outcome.standard_output = json{{"labs", {lab}}}.dump();
  outcome.standard_error = "told\n";
  EXPECT_THAT(account_of(outcome),
              AllOf(HasSubstr("told"), HasSubstr("bank: bad: failed: bad message"), HasSubstr("bad log"),
                    HasSubstr("read /proc/x: content: bad expected"), Not(HasSubstr("good"))));
}

TEST(AccountOf, EverythingElseIsShownAsItIs) {
  ProcessOutcome outcome;
  for (const char* said : {"no report", "{\"labs\": [{\"name\": \"of another command\"}]}", "[1]"}) {
    outcome.standard_output = said;
    EXPECT_THAT(account_of(outcome), HasSubstr(said));
  }
}

}  // namespace
}  // namespace labctl::e2e
