// What a module does when an allocation of its init function fails: mistakes in its unwinding are found and named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

std::string test_with(const std::string& name, const std::string& params) {
  return "  - name: " + name +
         "\n    faults: init\n    points: 2\n    steps:\n      - load: unwinds\n        params: {" + params +
         "}\n      - unload: unwinds\n";
}

class InitFaults : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam(), {"debug"}); !missing.empty()) GTEST_SKIP() << missing;
    home_.put("labs/unwinds/modules/unwinds/unwinds.c", slurp(source("harness/tests/e2e/modules/faults/unwinds.c")));
  }

  // The tests' results by their names.
  std::map<std::string, json> run(const std::string& tests, const std::vector<std::string>& more, int expected_exit) {
    const auto spec = home_.put(
        "labs/unwinds/lab.yaml",
        "lab: unwinds\ntitle: No memory\ncommand_line: kmemleak=off\nmodules:\n  - name: unwinds\ntests:\n" + tests);
    std::vector<std::string> arguments = {"run", spec.parent_path(), "--kernel", GetParam(), "--accel",
                                          "tcg", "--format",         "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto outcome = home_.labctl(arguments);
    EXPECT_EQ(outcome.end.exit_status, expected_exit) << account_of(outcome);
    std::map<std::string, json> results;
    const json run = json::parse(outcome.standard_output);
    for (const auto& test : run["labs"][0]["tests"])
      results[test["name"]] = test;
    return results;
  }

  Home home_{CacheOf::all};
};

INSTANTIATE_TEST_SUITE_P(Kernels, InitFaults, testing::Values("5.4", "6.1"),
                         [](const auto& instance) { return std::string(instance.param) == "5.4" ? "v5_4" : "v6_1"; });

// The lines of the source that the runs had fail, in their order.
std::vector<std::string> places_of(const json& test) {
  std::vector<std::string> places;
  for (const auto& run : test["runs"])
    if (!run["failed_allocation"].is_null()) places.push_back(run["failed_allocation"]["place"]);
  return places;
}

TEST_P(InitFaults, ACorrectModuleSurvivesEachOfItsAllocations) {
  auto results = run(test_with("correct", "areas: 0") + test_with("nothing", "nothing: 1") +
                         test_with("vmalloc", "nothing: 1, areas: 1"),
                     {}, 0);
  for (const auto& [name, test] : results) {
    EXPECT_EQ(test["status"], "passed") << test;
    EXPECT_EQ(test["earned"], 2);
    EXPECT_EQ(test["flavour"], "debug");
  }
  // As the source has them.
  const json& correct = results["correct"];
  EXPECT_THAT(
      places_of(correct),
      testing::ElementsAre(AllOf(HasSubstr("kmalloc at unwinds.c:"), HasSubstr("`first = kmalloc(64, GFP_KERNEL);`")),
                           AllOf(HasSubstr("proc_mkdir"), HasSubstr("`if (!proc_mkdir(\"unwinds\", NULL))`")),
                           AllOf(HasSubstr("kzalloc at unwinds.c:"), HasSubstr("`second = kzalloc(128, GFP_KERNEL);`")),
                           AllOf(HasSubstr("kstrdup at "), HasSubstr("`third = kstrdup(\"third\", GFP_KERNEL);`"))));
  EXPECT_EQ(correct["note"], "passed 4 runs with a failing allocation");
  EXPECT_EQ(correct["failed_allocation"], nullptr);
  for (std::size_t i = 1; i <= 4; ++i) {
    const json& run = correct["runs"][i];
    EXPECT_EQ(run["run"], 1);
    EXPECT_EQ(run["failed_allocation"]["module"], "unwinds");
    EXPECT_EQ(run["failed_allocation"]["number"], i);
    EXPECT_EQ(run["failed_allocation"]["of"], 4);
  }
  EXPECT_EQ(results["nothing"]["note"], "unwinds's init allocates nothing that could fail");
  EXPECT_EQ(results["nothing"]["runs"].size(), 1U);
  // That vmalloc() says of itself that it failed is no finding.
  EXPECT_FALSE(places_of(results["vmalloc"]).empty());
  for (const auto& place : places_of(results["vmalloc"]))
    EXPECT_THAT(place, HasSubstr("`area = vmalloc(3 * PAGE_SIZE);`"));
}

TEST_P(InitFaults, AMistakeIsFoundAndNamed) {
  auto results = run(test_with("entry", "mistake: entry") + test_with("unchecked", "mistake: unchecked") +
                         test_with("twice", "mistake: twice") + test_with("hidden", "mistake: hidden") +
                         test_with("positive", "mistake: positive"),
                     {}, 1);
  struct Finding {
    const char *status, *begin, *place;
  };
  const std::map<std::string, Finding> found = {
      {"entry", {"failed", "with allocation 3 of 4 of unwinds's init failing", "`second = kzalloc("}},
      {"unchecked", {"crashed", "with allocation 1 of 4 of unwinds's init failing", "`first = kmalloc("}},
      {"twice", {"crashed", "with allocation 4 of 4 of unwinds's init failing", "`third = kstrdup("}},
      {"hidden", {"crashed", "with allocation 3 of 4 of unwinds's init failing", "`second = kzalloc("}},
      {"positive", {"crashed", "with allocation 3 of 4 of unwinds's init failing", "`second = kzalloc("}}};
  for (const auto& [name, finding] : found) {
    const json& test = results[name];
    EXPECT_EQ(test["status"], finding.status) << test;
    EXPECT_EQ(test["earned"], 0);
    EXPECT_THAT(test["message"].get<std::string>(),
                AllOf(testing::StartsWith(finding.begin), HasSubstr("unwinds.c:"), HasSubstr(finding.place)));
    EXPECT_EQ(test["runs"].size(), 5U);
    EXPECT_EQ(test["runs"][0]["status"], "passed");
  }
  EXPECT_EQ(results["entry"]["note"], "failed 2 of 4 runs with a failing allocation");
  EXPECT_THAT(reasons_of(results["entry"]), HasSubstr("/proc/unwinds"));
  const auto first_report = [&](const char* name) { return results[name]["reports"][0]["kind"].get<std::string>(); };
  EXPECT_EQ(first_report("twice"), "kasan-double-free");
  EXPECT_EQ(first_report("positive"), "init-return");
  EXPECT_THAT(results["hidden"]["message"].get<std::string>(), HasSubstr("unload unwinds"));
}

}  // namespace
}  // namespace labctl::e2e
