// Tests that are done often, in several flavours and with several numbers of CPUs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// Every answer is right, unless WRONG says which one is not.
constexpr const char* stress_module = R"c(
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/cpumask.h>
#include <linux/uaccess.h>

#define WRONG_CPUS 1
#define WRONG_MEMORY 2
#define WRONG_NUMBER 4
#define WRONG_BUILD 8
#ifndef WRONG
#define WRONG 0
#endif

#if (WRONG & WRONG_BUILD) && defined(CONFIG_KASAN)
#error "not with KASAN"
#endif

static unsigned int number;

static int cpus_show(struct seq_file *file, void *data)
{
	seq_printf(file, "%u\n", WRONG & WRONG_CPUS ? 1 : num_online_cpus());
	return 0;
}

static int memory_show(struct seq_file *file, void *data)
{
	volatile char *text = kzalloc(40, GFP_KERNEL);

	if (!text)
		return -ENOMEM;
	if (WRONG & WRONG_MEMORY) {
		kfree((void *)text);
		(void)text[7];
	} else {
		(void)text[7];
		kfree((void *)text);
	}
	seq_puts(file, "well\n");
	return 0;
}

static int double_show(struct seq_file *file, void *data)
{
	seq_printf(file, "%u\n", WRONG & WRONG_NUMBER && number == 2 ? 5 : 2 * number);
	return 0;
}

static int number_set(const char *text, const struct kernel_param *parameter)
{
	return kstrtouint(text, 0, &number);
}

static const struct kernel_param_ops number_ops = { .set = number_set };
module_param_cb(number, &number_ops, NULL, 0200);

static int __init stress_init(void)
{
	proc_create_single("stress_cpus", 0444, NULL, cpus_show);
	proc_create_single("stress_memory", 0444, NULL, memory_show);
	proc_create_single("stress_double", 0444, NULL, double_show);
	return 0;
}

static void __exit stress_exit(void)
{
	remove_proc_entry("stress_double", NULL);
	remove_proc_entry("stress_memory", NULL);
	remove_proc_entry("stress_cpus", NULL);
}

module_init(stress_init);
module_exit(stress_exit);
MODULE_LICENSE("GPL");
)c";

constexpr const char* stress_spec = R"yaml(lab: stress
flavour: release
cpus: [1, 2]
modules: [{name: stress}]
tests:
  - name: builds
    flavour: [release, debug]
    steps:
      - build: stress
        expect: {licence: GPL}
  - name: knows its CPUs
    points: 2
    steps:
      - load: stress
      - run: [sh, -c, "grep -c ^processor /proc/cpuinfo"]
        save: cpus
      - read: /proc/stress_cpus
        expect: "${cpus}"
  - name: keeps off freed memory
    flavour: [release, debug]
    cpus: 1
    steps:
      - load: stress
      - read: /proc/stress_memory
        expect: well
  - name: can't halve
    cpus: 2
    runs: 8
    values: {n: {integer: [0, 3]}}
    steps:
      - load: stress
        params: {number: "${n}"}
      - read: /proc/stress_double
        expect: "${2 * n}"
)yaml";

class StressOn : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam(), {"release", "debug"}); !missing.empty())
      GTEST_SKIP() << missing;
    home_.put("labs/stress/modules/stress/stress.c", stress_module);
    home_.put("labs/stress/lab.yaml", stress_spec);
  }

  // wrong: what is wrong with the module; 0: nothing.
  ProcessOutcome run(int wrong, std::vector<std::string> more = {}) const {
    const auto file = home_.put("wrong-" + std::to_string(wrong) + "/stress.c",
                                "#define WRONG " + std::to_string(wrong) + "\n" + stress_module);
    std::vector<std::string> arguments = {"run",      (home_.path() / "labs/stress").string(),
                                          "--module", file.string(),
                                          "--kernel", GetParam(),
                                          "--accel",  "tcg",
                                          "--seed",   "fixed seed"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return home_.labctl(arguments);
  }

  json lab(int wrong, std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--format", "json"});
    const auto outcome = run(wrong, more);
    const json report = json::parse(outcome.standard_output, nullptr, false);
    EXPECT_FALSE(report.is_discarded()) << account_of(outcome);
    return report.is_discarded() ? json() : report["labs"][0];
  }

  Home home_{CacheOf::all};
};

INSTANTIATE_TEST_SUITE_P(Kernels, StressOn, testing::Values("5.4", "6.1"),
                         [](const auto& instance) { return std::string(instance.param) == "5.4" ? "v5_4" : "v6_1"; });

// "release 1: passed", of each run.
std::vector<std::string> runs_of(const json& test) {
  std::vector<std::string> runs;
  for (const auto& run : test["runs"])
    runs.push_back(run["flavour"].get<std::string>() + " " + std::to_string(run["cpus"].get<int>()) + ": " +
                   run["status"].get<std::string>());
  return runs;
}

TEST_P(StressOn, EveryRunOfARightModulePasses) {
  const json judged = lab(0);
  EXPECT_EQ(judged["kernels"].size(), 2U);
  EXPECT_EQ(judged["builds"].size(), 2U) << "the module in each flavour";
  for (const auto& test : judged["tests"])
    EXPECT_EQ(test["status"], "passed") << test["name"] << reasons_of(test);
  EXPECT_THAT(runs_of(judged["tests"][0]), testing::ElementsAre("release 0: passed", "debug 0: passed"));
  EXPECT_THAT(runs_of(judged["tests"][1]), testing::ElementsAre("release 1: passed", "release 2: passed"));
  EXPECT_THAT(runs_of(judged["tests"][2]), testing::ElementsAre("release 1: passed", "debug 1: passed"));
  EXPECT_EQ(judged["tests"][3]["runs"].size(), 8U);
}

TEST_P(StressOn, ItIsToldWhereAWrongOneFails) {
  const json judged = lab(1 + 2 + 4);
  const json cpus = judged["tests"][1], memory = judged["tests"][2], number = judged["tests"][3];
  EXPECT_EQ(judged["tests"][0]["status"], "passed");

  EXPECT_EQ(cpus["status"], "failed");
  EXPECT_EQ(cpus["note"], "failed 1 of 2 runs (with 2 CPUs); run 2 is shown");
  EXPECT_EQ(cpus["cpus"], 2);
  EXPECT_THAT(reasons_of(cpus), HasSubstr("/proc/stress_cpus"));

  EXPECT_EQ(memory["status"], "crashed");
  EXPECT_EQ(memory["note"], "failed 1 of 2 runs (in debug); run 2 is shown");
  EXPECT_EQ(memory["flavour"], "debug");
  EXPECT_THAT(std::string(memory["message"]), HasSubstr("use-after-free"));

  // The value decides, and the seed the value.
  EXPECT_EQ(number["status"], "failed");
  int failed = 0, first_failed = 0, first_passed = 0;
  for (const auto& run : number["runs"]) {
    const int which = run["run"];
    if (run["status"] == "passed") {
      if (first_passed == 0) first_passed = which;
      continue;
    }
    ++failed;
    if (first_failed == 0) first_failed = which;
  }
  ASSERT_GT(first_failed, 0);
  ASSERT_GT(first_passed, 0) << "a seed that shows both is needed";
  EXPECT_EQ(number["note"],
            "failed " + std::to_string(failed) + " of 8 runs; run " + std::to_string(first_failed) + " is shown");
  const auto alone = [&](int which) {
    const json tests = lab(1 + 2 + 4, {"--test", "can't halve", "--run", std::to_string(which)})["tests"];
    EXPECT_EQ(tests.size(), 1U);
    EXPECT_EQ(tests[0]["runs"].size(), 1U);
    EXPECT_EQ(tests[0]["run"], which);
    return tests[0];
  };
  const json again = alone(first_failed);
  EXPECT_EQ(again["status"], "failed");
  EXPECT_EQ(again["message"], number["message"]);
  EXPECT_EQ(alone(first_passed)["status"], "passed") << "the control";
}

TEST_P(StressOn, TheTextSaysHowOneRunIsDoneAgain) {
  const auto failed = run(4, {"--test", "can't halve"});
  EXPECT_EQ(failed.end.exit_status, 1);
  EXPECT_THAT(failed.standard_output, HasSubstr(" of 8 runs; run "));
  EXPECT_THAT(failed.standard_output,
              testing::ContainsRegex("--seed 'fixed seed' --test 'can'\\\\''t halve' --run [1-8]\n"));
  EXPECT_THAT(failed.standard_output, Not(HasSubstr("debug"))) << "no test of these is done in it";
  const auto none = run(4, {"--test", "can't halve", "--run", "9"});
  EXPECT_EQ(none.end.exit_status, 2);
  EXPECT_THAT(none.standard_error, testing::AllOf(HasSubstr("has no run 9"), HasSubstr("1 to 8")));
  EXPECT_EQ(run(4, {"--run", "1"}).end.exit_status, 2) << "of which test?";
}

TEST_P(StressOn, AModuleThatDoesNotBuildInOneFlavour) {
  const auto outcome = run(8, {"--test", "builds", "--test", "keeps off freed memory", "--run-dir",
                               (home_.path() / "kept").string(), "--format", "json"});
  EXPECT_EQ(outcome.end.exit_status, 1) << outcome.standard_error;
  const json tests = json::parse(outcome.standard_output)["labs"][0]["tests"];
  EXPECT_EQ(tests[0]["status"], "failed") << "how it is built is judged in each";
  EXPECT_EQ(tests[0]["note"], "failed 1 of 2 runs (in debug); run 2 is shown");
  EXPECT_EQ(tests[1]["status"], "build-failed");
  EXPECT_EQ(tests[1]["note"], "failed 1 of 2 runs (in debug); run 2 is shown");
  EXPECT_EQ(tests[1]["message"], "module stress did not build in debug");
  EXPECT_THAT(slurp(home_.path() / "kept/stress/debug/build-stress.log"), HasSubstr("not with KASAN"));
}

TEST_P(StressOn, ReportsAreTheSameWhateverTheJobsAndBootedOrRestored) {
  const auto report = [this](std::vector<std::string> how) {
    how.insert(how.end(), {"--flavour", "release", "--format", "json"});
    const auto outcome = run(1 + 4, how);
    EXPECT_EQ(outcome.end.exit_status, 1) << outcome.standard_error;
    return comparable(outcome.standard_output);
  };
  report({});  // so that the reports agree on what was cached
  const std::string one = report({"--jobs", "1"});
  EXPECT_THAT(one, Not(HasSubstr("\"debug\""))) << "the user's flavour is the only one";
  EXPECT_EQ(one, report({"--jobs", "4"}));
  const std::vector<std::string> some = {"--test", "builds", "--test", "knows its CPUs"};  // a boot takes its time
  EXPECT_EQ(report(some), report({"--test", "builds", "--test", "knows its CPUs", "--cold"}));
}

}  // namespace
}  // namespace labctl::e2e
