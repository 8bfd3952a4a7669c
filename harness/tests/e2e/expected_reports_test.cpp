// Tests that expect kernel reports, on real kernels: every kind that a module can provoke is named rightly, with the
// line at fault; and a test that expects something else does not pass.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class ExpectedReports : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam(), {"release", "debug"}); !missing.empty())
      GTEST_SKIP() << missing;
  }

  json run(std::vector<std::string> arguments, int expected_exit) const {
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), {"--kernel", GetParam(), "--accel", "tcg", "--format", "json"});
    const auto outcome = home_.labctl(arguments);
    EXPECT_EQ(outcome.end.exit_status, expected_exit) << account_of(outcome);
    return json::parse(outcome.standard_output, nullptr, false)["labs"][0]["tests"];
  }
  Home home_{CacheOf::all};
};

INSTANTIATE_TEST_SUITE_P(Kernels, ExpectedReports, testing::Values("5.4", "6.1"),
                         [](const auto& instance) { return std::string(instance.param) == "5.4" ? "v5_4" : "v6_1"; });

// Dealt out among the kernels; ci/kinds tries all on all.
TEST_P(ExpectedReports, EveryKindIsNamedWithItsLine) {
  const std::string lab = source("harness/tests/e2e/modules/reports");
  std::vector<KernelChoice> kernels;
  for (const auto& kernel : built_kernels({"release"}))
    if (kernel_is_built(kernel.name, "debug")) kernels.push_back(kernel);
  std::vector<std::string> arguments = {lab};
  std::size_t number = 0;
  for (const auto& test : YAML::LoadFile(lab + "/lab.yaml")["tests"])
    if (is_dealt(number++, {GetParam(), "release"}, kernels))
      arguments.insert(arguments.end(), {"--test", test["name"].as<std::string>()});
  ASSERT_GT(number, 60U);
  const json tests = run(arguments, 0);
  ASSERT_GT(tests.size(), number / 3);
  for (const auto& test : tests)
    EXPECT_EQ(test["status"], "passed") << test["name"] << reasons_of(test);
}

TEST_P(ExpectedReports, FramesOfTheKernelHaveTheirLinesToo) {
  const json tests = run({source("harness/tests/e2e/modules/reports"), "--test", "locks sleep-in-atomic"}, 0);
  const json& trace = tests[0]["reports"][0]["trace"];
  const auto frame =
      std::find_if(trace.begin(), trace.end(), [](const json& one) { return one["function"] == "do_one_initcall"; });
  ASSERT_NE(frame, trace.end()) << trace.dump(1);
  ASSERT_EQ((*frame)["source"].size(), 1U) << trace.dump(1);
  EXPECT_EQ((*frame)["source"][0]["file"], "init/main.c");
  EXPECT_EQ((*frame)["source"][0]["text"], "") << "only the module's own lines are shown";
  const auto is_known = [](const json& one) { return one["module"] != "" || !one["source"].empty(); };
  EXPECT_GT(std::count_if(trace.begin(), trace.end(), is_known), static_cast<std::ptrdiff_t>(trace.size()) / 2)
      << trace.dump(1);
}

TEST_P(ExpectedReports, WhatIsExpectedWronglyDoesNotPass) {
  home_.rerun_in_debug();
  home_.put("labs/wrong/modules/faulty/faulty.c", slurp(source("harness/tests/e2e/modules/language/faulty/faulty.c")));
  const std::string lab = home_
                              .put("labs/wrong/lab.yaml", R"yaml(lab: wrong
title: Tests that expect what does not come
modules: [{name: faulty}]
tests:
  - name: right
    reports: {kind: oops-null, in: write_to_null, line: 'WRITE_ONCE(*nowhere, 1)'}
    steps: [{load: faulty, params: {mistake: "null"}, ends: killed}]
  - name: not expected
    steps: [{load: faulty, params: {mistake: "null"}}]
  - name: another kind
    reports: divide-error
    steps: [{load: faulty, params: {mistake: "null"}, ends: killed}]
  - name: another line
    reports: {kind: oops-null, line: pr_info}
    steps: [{load: faulty, params: {mistake: "null"}, ends: killed}]
  - name: another function
    reports: {kind: oops-null, in: read_freed}
    steps: [{load: faulty, params: {mistake: "null"}, ends: killed}]
  - name: none comes
    reports: oops-null
    steps: [{load: faulty}]
  - name: is not killed
    steps: [{load: faulty, ends: killed}]
  - name: does not hang
    steps: [{load: faulty, ends: hangs, limit: 2s}]
  - name: does not die
    reports: {kind: oops-null}
    steps: [{load: faulty, params: {mistake: "null"}, ends: dies}]
  - name: hangs
    steps: [{load: faulty, params: {mistake: endless}, limit: 1s}]
  - name: hangs elsewhere
    reports: {kind: hang-running, in: write_to_null}
    steps: [{load: faulty, params: {mistake: endless}, limit: 1s, ends: hangs}]
)yaml")
                              .parent_path();
  const std::map<std::string, std::pair<std::string, std::string>> expected = {
      {"right", {"passed", ""}},
      {"not expected", {"crashed", "the kernel reported \"BUG: kernel NULL pointer dereference"}},
      {"another kind", {"crashed", "the kernel reported \"BUG: kernel NULL pointer dereference"}},
      {"another line", {"crashed", "the kernel reported \"BUG: kernel NULL pointer dereference"}},
      {"another function", {"crashed", "the kernel reported \"BUG: kernel NULL pointer dereference"}},
      {"none comes", {"failed", "expected a kernel report: oops-null, saw no kernel report"}},
      {"is not killed", {"failed", "expected the kernel to kill the process that does it, saw completed"}},
      {"does not hang", {"failed", "expected no end of it within 2.00 s, saw completed"}},
      {"does not die", {"crashed", "the kernel killed the process that did it"}},
      {"hangs", {"timeout", "did not end within 1.00 s; insmod/"}},
      {"hangs elsewhere", {"failed", "hang-running in write_to_null, saw hang-running in never_return at faulty.c:"}},
  };
  for (const auto& test : run({lab, "--flavour", "release"}, 1)) {
    SCOPED_TRACE(test["name"]);
    const auto& [status, message] = expected.at(test["name"]);
    EXPECT_EQ(test["status"], status);
    EXPECT_THAT(test["message"].get<std::string>(), HasSubstr(message));
    // What crashed in release was done again in debug, which says more and changes no verdict.
    EXPECT_EQ(test["in_debug"].is_null(), status != "crashed" && status != "timeout");
    if (status == "timeout") {
      EXPECT_THAT(test["message"].get<std::string>(), HasSubstr("runs in never_return()"));
    }
    if (status != "crashed") continue;
    EXPECT_EQ(test["in_debug"]["status"], "crashed");
    EXPECT_EQ(test["in_debug"]["missing"], "");
    EXPECT_THAT(test["in_debug"]["reports"].dump(), HasSubstr("kasan-null-ptr-deref"));
    EXPECT_THAT(test["in_debug"]["reports"].dump(), HasSubstr("WRITE_ONCE(*nowhere, 1)"));
    EXPECT_THAT(test["reports"].dump(), testing::Not(HasSubstr("kasan")));
  }
}

}  // namespace
}  // namespace labctl::e2e
