// What becomes of a lab's values, programs, repeated and dependent tests, builds and background steps when it is run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* small_module =
    "#include <linux/module.h>\n"
    "static int __init small_init(void)\n{\n\treturn 0;\n}\n"
    "static void __exit small_exit(void)\n{\n}\n"
    "module_init(small_init);\nmodule_exit(small_exit);\nMODULE_LICENSE(\"GPL\");\n";

class LanguageRun : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam()); !missing.empty()) GTEST_SKIP() << missing;
  }

  // A lab with a module called small; spec is what stands below "modules".
  std::string lab(const std::string& spec, const std::string& module = small_module) {
    home_.put("labs/own/modules/small/small.c", module);
    return home_.put("labs/own/lab.yaml", "lab: own\nmodules: [{name: small}]\n" + spec).parent_path();
  }

  ProcessOutcome run(const std::string& folder, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"run", folder, "--kernel", GetParam()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return home_.labctl(arguments);
  }

  json tests_of(const std::string& folder, std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--format", "json"});
    const auto outcome = run(folder, more);
    const json report = json::parse(outcome.standard_output, nullptr, false);
    EXPECT_FALSE(report.is_discarded()) << account_of(outcome);
    return report.is_discarded() ? json::array() : report["labs"][0]["tests"];
  }

  Home home_{CacheOf::all};
};

INSTANTIATE_TEST_SUITE_P(Kernels, LanguageRun, testing::Values("5.4", "6.1"),
                         [](const auto& instance) { return std::string(instance.param) == "5.4" ? "v5_4" : "v6_1"; });

// However slowly: what is seen of it does not depend on how busy the host is.
TEST_P(LanguageRun, AFileThatNeverEndsIsReadSoOftenAndNoMore) {
  constexpr const char* endless =
      "#include <linux/fs.h>\n#include <linux/miscdevice.h>\n#include <linux/module.h>\n#include <linux/uaccess.h>\n"
      "static int reads;\n"
      "static ssize_t endless_read(struct file *file, char __user *to, size_t count, loff_t *at)\n"
      "{\n\treads++;\n\treturn put_user('a', to) ? -EFAULT : 1;\n}\n"
      "static const struct file_operations ops = {.owner = THIS_MODULE, .read = endless_read};\n"
      "static struct miscdevice endless = {.minor = MISC_DYNAMIC_MINOR, .name = \"endless\", .fops = &ops};\n"
      "static int __init small_init(void)\n{\n\treturn misc_register(&endless);\n}\n"
      "static void __exit small_exit(void)\n{\n\tmisc_deregister(&endless);\n\tpr_info(\"%d reads\\n\", reads);\n}\n"
      "module_init(small_init);\nmodule_exit(small_exit);\nMODULE_LICENSE(\"GPL\");\n";
  const json tests =
      tests_of(lab("tests:\n  - name: one\n    steps:\n      - load: small\n      - read: /dev/endless\n"
                   "        expect: {contains: aaa}\n      - unload: small\n      - dmesg: \"4096 reads\"\n"
                   "  - name: two\n    steps:\n      - load: small\n      - read: /dev/endless\n"
                   "        expect: {lacks: b}\n",
                   endless));
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(tests[0]["status"], "passed") << tests[0]["message"];
  EXPECT_EQ(tests[1]["status"], "failed") << "what is behind that nobody knows";
}

TEST_P(LanguageRun, TheSeedDecidesTheValues) {
  std::string spec = "values: {n: {integer: [1, 1000000000]}}\ntests:\n";
  for (const char* name : {"first", "second", "third"})
    spec +=
        std::string("  - name: ") + name + "\n    steps:\n      - run: echo ${n}\n        expect: {stdout: \"${n}\"}\n";
  const std::string folder = lab(spec);
  const auto summaries = [&](const std::string& seed, const std::string& jobs) {
    std::vector<std::string> texts;
    for (const auto& test : tests_of(folder, {"--seed", seed, "--jobs", jobs})) {
      EXPECT_EQ(test["status"], "passed") << test;
      texts.push_back(test["steps"][0]["summary"]);
    }
    return texts;
  };
  const auto once = summaries("a", "1");
  EXPECT_EQ(once, summaries("a", "3"));
  EXPECT_NE(once, summaries("b", "1"));
  EXPECT_EQ(std::set(once.begin(), once.end()).size(), 3U) << "each test has its own";
}

TEST_P(LanguageRun, ATestThatIsRunOftenSaysHowOftenItFailed) {
  const std::string folder =
      lab("tests:\n  - name: sometimes\n    runs: 12\n    values: {n: {integer: [0, 1]}}\n    steps:\n"
          "      - run: echo ${n}\n        expect: {stdout: \"1\"}\n"
          "  - name: needs it\n    needs: sometimes\n    steps:\n      - run: echo\n"
          "  - name: always\n    runs: 3\n    steps:\n      - run: echo\n");
  const json tests = tests_of(folder, {"--seed", "fixed"});
  ASSERT_EQ(tests.size(), 3U);
  EXPECT_EQ(tests[0]["status"], "failed");
  EXPECT_THAT(std::string(tests[0]["note"]), testing::ContainsRegex("failed [0-9]+ of 12 runs; run [0-9]+ is shown"));
  EXPECT_EQ(tests[0]["steps"][0]["checks"][1]["seen"], "\"0\"") << "a run that failed is shown";
  EXPECT_EQ(tests[1]["status"], "not-run");
  EXPECT_THAT(std::string(tests[1]["message"]), HasSubstr("\"sometimes\", which did not pass"));
  EXPECT_EQ(tests[2]["status"], "passed");
  EXPECT_EQ(tests[2]["note"], "");
}

TEST_P(LanguageRun, AHiddenTestShowsItsNameOnly) {
  const std::string folder =
      lab("tests:\n  - name: a secret\n    hidden: true\n    steps:\n      - run: echo kept-to-itself\n        expect: "
          "{exit: 1}\n");
  const auto outcome = run(folder);
  EXPECT_EQ(outcome.end.exit_status, 1);
  EXPECT_THAT(outcome.standard_output, HasSubstr("a secret"));
  EXPECT_THAT(outcome.standard_output, Not(HasSubstr("kept-to-itself")));
  EXPECT_THAT(run(folder, {"--verbose"}).standard_output, HasSubstr("kept-to-itself")) << "the control";
}

TEST_P(LanguageRun, AProgramThatDoesNotBuildIsItsAuthors) {
  const std::string good = "int main(void) { return 7; }";
  const std::string rest = "tests:\n  - name: one\n    steps:\n      - run: seven\n        expect: {exit: 7}\n";
  const auto built = run(lab("programs: [{name: seven, code: \"" + good + "\"}]\n" + rest));
  EXPECT_EQ(built.end.exit_status, 0) << account_of(built);
  const auto outcome = run(lab("programs: [{name: seven, code: \"int main(void) { retrun 7; }\"}]\n" + rest));
  EXPECT_EQ(outcome.end.exit_status, 2) << outcome.standard_output;
  EXPECT_THAT(outcome.standard_error, testing::AllOf(HasSubstr("program seven"), HasSubstr("retrun")));
}

TEST_P(LanguageRun, HowAModuleBuildsIsJudged) {
  const std::string clean =
      "tests:\n  - name: built well\n    steps:\n      - build: small\n        expect: {warnings: 0, licence: GPL}\n";
  const std::string refused =
      "tests:\n  - name: no floating point\n    steps:\n      - build: small\n        expect: {error: SSE}\n";
  const std::string warned = std::string(small_module) + "static int nobody_calls_it(void)\n{\n\treturn 0;\n}\n";
  const std::string floating = std::string(small_module) + "double half(int n)\n{\n\treturn n * 0.5;\n}\n";
  EXPECT_EQ(tests_of(lab(clean))[0]["status"], "passed");
  const json unclean = tests_of(lab(clean, warned))[0];
  EXPECT_EQ(unclean["status"], "failed");
  EXPECT_THAT(std::string(unclean["message"]), HasSubstr("nobody_calls_it"));
  EXPECT_EQ(tests_of(lab(refused, floating))[0]["status"], "passed");
  EXPECT_EQ(tests_of(lab(refused))[0]["status"], "failed");
}

// Of the lab's own programs as of anybody's: they end when their time is over, and the next test is none the worse.
TEST_P(LanguageRun, ProgramsThatDoNotEnd) {
  const std::string folder =
      lab("tests:\n"
          "  - name: takes no notice\n    steps:\n"
          "      - run: [sh, -c, \"trap '' TERM; touch /tmp/ready; while :; do sleep 1; done\"]\n        background: "
          "stubborn\n"
          "      - stat: /tmp/ready\n        within: 5s\n      - kill: stubborn\n      - wait: stubborn\n        "
          "limit: 1s\n"
          "  - name: forks without end\n    steps:\n"
          "      - run: [sh, -c, \"f() { f & f & wait; }; f\"]\n        limit: 2s\n"
          "  - name: writes without end\n    steps:\n"
          "      - run: [sh, -c, \"yes 'a long line that is written over and over'\"]\n        limit: 2s\n"
          "  - name: writes much\n    steps:\n"
          "      - run: head -c 3000000 /dev/zero\n        expect: {stdout: {bytes: 3000000}}\n"
          "  - name: comes after\n    steps:\n      - run: echo fine\n        expect: {stdout: fine}\n");
  const json tests = tests_of(folder);
  ASSERT_EQ(tests.size(), 5U);
  EXPECT_EQ(tests[0]["status"], "timeout") << tests[0];
  EXPECT_THAT(std::string(tests[0]["message"]), HasSubstr("stubborn did not end within 1.00 s"));
  EXPECT_THAT(std::string(tests[1]["status"]), testing::AnyOf("timeout", "crashed")) << tests[1];
  EXPECT_EQ(tests[2]["status"], "timeout") << tests[2];
  EXPECT_EQ(tests[3]["status"], "failed") << "what was cut proves nothing of its size";
  EXPECT_EQ(tests[4]["status"], "passed") << tests[4];
}

TEST_P(LanguageRun, AWrongValueIsAFailureThatSaysWhich) {
  const std::string folder = lab(
      "tests:\n  - name: no number\n    steps:\n      - run: echo many\n        save: n\n      - run: echo ${n + 1}\n"
      "  - name: no match\n    steps:\n      - run: echo many\n        save: {n: '(\\d+) apples'}\n");
  const json tests = tests_of(folder);
  EXPECT_EQ(tests[0]["status"], "failed");
  EXPECT_THAT(std::string(tests[0]["message"]), HasSubstr("\"many\", which is no whole number"));
  EXPECT_EQ(tests[1]["status"], "failed");
  EXPECT_THAT(std::string(tests[1]["message"]), HasSubstr("apples"));
}

TEST_P(LanguageRun, TheKernelGetsTheLabsCommandLine) {
  const std::string folder =
      lab("command_line: labtest=17\ntests:\n  - name: one\n    steps:\n      - read: /proc/cmdline\n"
          "        expect: {contains: \" labtest=17\"}\n");
  EXPECT_EQ(tests_of(folder)[0]["status"], "passed");
  EXPECT_EQ(tests_of(folder, {"--cold"})[0]["status"], "passed");
}

}  // namespace
}  // namespace labctl::e2e
