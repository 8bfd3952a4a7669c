// What a module leaves behind when it is gone: each kind is found and named, and nothing else is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::UnorderedElementsAreArray;

using Names = std::vector<std::pair<std::string, std::string>>;

// What the module can be told to forget, and what must be found. modules/leftovers/forgets.c has them.
const std::map<std::string, Names> forgotten = {
    {"proc", {{"proc", "/proc/forgets"}}},
    {"kobject", {{"sysfs", "/sys/kernel/forgets_object"}}},
    {"debugfs", {{"debugfs", "/sys/kernel/debug/forgets"}}},
    {"device", {{"class", "/sys/class/forgets_class"}, {"device", "/sys/class/forgets_class/forgets0"}}},
    {"major", {{"major", "forgets_major"}}},
    {"kthread", {{"kthread", "forgets_thread"}}},
    {"workqueue", {{"kthread", "forgets_queue"}}},
    {"irq", {{"irq", "forgets_irq"}}},
    {"driver", {{"driver", "/sys/bus/platform/drivers/forgets_driver"}}},
    {"cache", {{"slab", "forgets_cache"}}},
    {"vmalloc", {{"vmalloc", "vmalloc"}}},
};

std::string test_that_forgets(const std::string& what, const std::string& more = "") {
  return "  - name: " + what + "\n" + more + "    steps:\n      - load: forgets\n        params: {forget: " + what +
         "}\n      - unload: forgets\n";
}

Names leftovers_of(const json& test) {
  Names names;
  for (const auto& leftover : test["leftovers"])
    names.emplace_back(leftover["kind"], leftover["name"]);
  return names;
}

class Leftovers : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam(), {"release", "debug"}); !missing.empty())
      GTEST_SKIP() << missing;
    home_.put("labs/forgets/modules/forgets/forgets.c", slurp(source("harness/tests/e2e/modules/leftovers/forgets.c")));
  }

  // The tests' results by their names.
  std::map<std::string, json> run(const std::string& lab, const std::string& tests, int expected_exit) {
    const auto spec =
        home_.put("labs/forgets/lab.yaml",
                  "lab: forgets\ntitle: One thing a test\nmodules:\n  - name: forgets\n" + lab + "tests:\n" + tests);
    const auto outcome =
        home_.labctl({"run", spec.parent_path(), "--kernel", GetParam(), "--accel", "tcg", "--format", "json"});
    EXPECT_EQ(outcome.end.exit_status, expected_exit) << account_of(outcome);
    std::map<std::string, json> results;
    const json run = json::parse(outcome.standard_output);
    for (const auto& test : run["labs"][0]["tests"])
      results[test["name"]] = test;
    return results;
  }

  Home home_{CacheOf::all};
};

INSTANTIATE_TEST_SUITE_P(Kernels, Leftovers, testing::Values("5.4", "6.1"),
                         [](const auto& instance) { return std::string(instance.param) == "5.4" ? "v5_4" : "v6_1"; });

TEST_P(Leftovers, AreFoundInTheDebugFlavour) {
  std::string all;
  Names all_names;
  for (const auto& [what, names] : forgotten) {
    all += (all.empty() ? "" : ", ") + what;
    all_names.insert(all_names.end(), names.begin(), names.end());
  }
  std::string tests = test_that_forgets("nothing") + test_that_forgets("proc");
  tests += "  - name: everything\n    steps:\n      - load: forgets\n        params: {forget: [" + all +
           "]}\n      - unload: forgets\n";
  // A load that fails has to give everything back too.
  tests +=
      "  - name: failed load\n    steps:\n      - load: forgets\n        params: {forget: proc, fail: 1}\n"
      "        expect: {errno: ENODEV}\n";
  // With a module still loaded nobody can tell.
  tests += "  - name: still loaded\n    steps: [{load: forgets}]\n";
  // What was there before the first load step is not its modules', and what they leave still is.
  tests +=
      "  - name: after a program\n    steps:\n"
      "      - run: [sh, -c, insmod /lab/modules/forgets.ko forget=debugfs && rmmod forgets]\n"
      "      - load: forgets\n        params: {forget: kobject}\n      - unload: forgets\n";
  tests += test_that_forgets("object") + test_that_forgets("timer");
  auto results = run("flavour: debug\n", tests, 1);

  for (const char* good : {"nothing", "still loaded"})
    EXPECT_EQ(results[good]["status"], "passed") << results[good];
  const std::map<std::string, Names> failed = {{"proc", forgotten.at("proc")},
                                               {"everything", all_names},
                                               {"failed load", forgotten.at("proc")},
                                               {"after a program", forgotten.at("kobject")}};
  for (const auto& [name, names] : failed) {
    const json& test = results[name];
    EXPECT_EQ(test["status"], "failed") << test;
    EXPECT_THAT(leftovers_of(test), UnorderedElementsAreArray(names)) << name;
    EXPECT_THAT(test["message"].get<std::string>(), HasSubstr("expected nothing left behind, saw "));
    for (const auto& [kind, left] : names)
      EXPECT_THAT(reasons_of(test), HasSubstr(left));
  }
  EXPECT_EQ(results["proc"]["steps"][1]["status"], "failed");
  // What the kernel says itself is sharper, and comes first.
  for (const auto& [what, kind] : Names{{"object", "slab-leak"}, {"timer", "odebug-free-active"}}) {
    EXPECT_EQ(results[what]["status"], "crashed") << results[what];
    EXPECT_EQ(results[what]["reports"][0]["kind"], kind);
  }
}

TEST_P(Leftovers, AreFoundElsewhereWhereTheLabSaysSoAndMayBeAllowed) {
  auto results =
      run("leftovers:\n  flavour: [release, debug]\n  allow: [{kthread: forgets_t*, reason: It sleeps for ever.}]\n",
          test_that_forgets("proc") + test_that_forgets("kthread") + test_that_forgets("cache") +
              test_that_forgets("device",
                                "    leftovers:\n      allow: [{class: /sys/class/forgets_class, device: "
                                "/sys/class/forgets_class/*, reason: A part of it.}]\n") +
              test_that_forgets("major", "    leftovers: {flavour: debug}\n"),
          1);
  EXPECT_EQ(results["proc"]["status"], "failed") << results["proc"];
  EXPECT_EQ(results["cache"]["status"], "failed") << results["cache"];
  for (const char* excused : {"kthread", "device", "major"})
    EXPECT_EQ(results[excused]["status"], "passed") << results[excused];
}

// A load that fails has gone before anybody could ask where its code is: the innermost call that is certain is named.
TEST_P(Leftovers, OfMemoryAreFoundByKmemleakWithTheirLine) {
  std::string tests = test_that_forgets("nothing") + test_that_forgets("memory");
  tests +=
      "  - name: failed load\n    steps:\n      - load: forgets\n        params: {forget: memory, fail: 1}\n"
      "        expect: {errno: ENODEV}\n";
  auto results = run("flavour: debug\nleftovers: {kmemleak: true}\n", tests, 1);
  EXPECT_EQ(results["nothing"]["status"], "passed") << results["nothing"];
  EXPECT_EQ(results["nothing"]["note"], "") << "it was looked for";
  const std::map<std::string, testing::Matcher<std::string>> line = {
      {"memory", HasSubstr("memory = kmalloc(100, GFP_KERNEL);")},
      {"failed load", testing::AnyOf(HasSubstr("memory = kmalloc(100, GFP_KERNEL);"), HasSubstr("take_memory();"))}};
  for (const auto& [leaks, expected] : line) {
    const json& test = results[leaks];
    EXPECT_EQ(test["status"], "failed") << test;
    ASSERT_EQ(test["leftovers"].size(), 1U) << test;
    EXPECT_EQ(test["leftovers"][0]["kind"], "kmemleak");
    EXPECT_THAT(test["leftovers"].dump(), AllOf(HasSubstr(" bytes, allocated at forgets.c:"), expected)) << leaks;
  }
  EXPECT_EQ(results["memory"]["leftovers"][0]["name"], "take_memory");
}

}  // namespace
}  // namespace labctl::e2e
