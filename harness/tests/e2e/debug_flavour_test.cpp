// The debug flavour: it passes good modules as the release flavour does, and finds what that one cannot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::MatchesRegex;

class DebugFlavour : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam(), {"debug"}); !missing.empty()) GTEST_SKIP() << missing;
  }

  json run(std::vector<std::string> arguments, int expected_exit) {
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), {"--kernel", GetParam(), "--accel", "tcg", "--format", "json"});
    const auto outcome = home_.labctl(arguments);
    EXPECT_EQ(outcome.end.exit_status, expected_exit) << account_of(outcome);
    said_ = outcome.standard_error;
    return json::parse(outcome.standard_output)["labs"];
  }
  Home home_{CacheOf::all};
  std::string said_;
};

INSTANTIATE_TEST_SUITE_P(Kernels, DebugFlavour, testing::Values("5.4", "6.1"),
                         [](const auto& instance) { return std::string(instance.param) == "5.4" ? "v5_4" : "v6_1"; });

TEST_P(DebugFlavour, EveryReferencePasses) {
  const auto kernels = built_kernels({"debug"});
  std::vector<std::string> arguments = {"--flavour", "debug"};
  std::size_t number = 1;  // not 0: what is dealt to one kernel in the release flavour is dealt to the other here
  for (const auto& lab : all_labs())
    if (is_dealt(number++, {GetParam(), "debug"}, kernels)) arguments.push_back(lab);
  const std::size_t dealt = arguments.size() - 2;
  const json labs = run(arguments, 0);
  ASSERT_EQ(labs.size(), dealt);
  ASSERT_GE(labs.size(), 3U);
  for (const auto& lab : labs) {
    EXPECT_EQ(lab["kernel"]["flavour"], "debug");
    for (const auto& test : lab["tests"])
      EXPECT_EQ(test["status"], "passed") << test;
  }
}

TEST_P(DebugFlavour, FindsWhatAPlainKernelDoesNotNotice) {
  // What the kernel calls each of them.
  const std::map<std::string, std::string> reports = {{"use-after-free", "use-after-free in use_after_free"},
                                                      {"freed-string", "use-after-free in string_nocheck"},
                                                      {"freed-queue", "use-after-free in do_raw_spin_lock"},
                                                      {"random-overrun", "slab-out-of-bounds in _get_random_bytes"},
                                                      {"sleep-in-atomic", "sleeping function called"},
                                                      {"lock-order", "possible circular locking dependency"},
                                                      {"shift", "UBSAN: "}};
  home_.put("labs/bugs/modules/bugs/bugs.c", slurp(source("harness/tests/e2e/modules/debug/bugs.c")));
  std::string spec = "lab: bugs\ntitle: One mistake a test\nmodules:\n  - name: bugs\ntests:\n";
  for (const auto& [kind, report] : reports)
    spec += "  - name: " + kind + "\n    steps:\n      - load: bugs\n        params: {kind: " + kind +
            "}\n      - dmesg: {has: [\"" + kind + " done\"]}\n";
  const std::string lab = home_.put("labs/bugs/lab.yaml", spec).parent_path();
  // A course's own words, of which one file has a mistake in it.
  home_.put("explanations/kasan-use-after-free.txt", "Zu spät benutzt.\nDas war in {where}.\n");
  home_.put("explanations/ubsan-shift.txt", "Das war in {wher}.\n");

  for (const auto& test : run({lab, "--flavour", "release"}, 0)[0]["tests"])
    EXPECT_EQ(test["status"], "passed") << test;
  const json found = run({lab, "--flavour", "debug"}, 1);
  ASSERT_EQ(found[0]["tests"].size(), reports.size());
  for (const auto& test : found[0]["tests"]) {
    EXPECT_EQ(test["status"], "crashed") << test;
    EXPECT_THAT(test.dump(), HasSubstr(reports.at(test["name"])));
    const std::string explanation = test["reports"][0]["explanation"];
    if (test["name"] == "use-after-free") {
      EXPECT_THAT(explanation, MatchesRegex("Zu spät benutzt. Das war in use_after_free \\(bugs.c:[0-9]+\\)."));
    } else if (test["name"] == "shift") {
      EXPECT_THAT(explanation, HasSubstr("A shift has no defined result"));
    } else if (test["name"] == "lock-order") {
      EXPECT_THAT(explanation, ContainsRegex("the orders meet in [a-z_]+ \\(bugs.c:[0-9]+\\)"));
    }
  }
  EXPECT_THAT(said_, HasSubstr("explanations/ubsan-shift.txt:1: there is no name \"wher\" (did you mean \"where\"?)"));
}

}  // namespace
}  // namespace labctl::e2e
