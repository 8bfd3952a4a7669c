// The labs of this repository, on every kernel that is at hand. That their tests find bad modules is in proof_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <sstream>

#include "driver.hpp"
#include "support/files.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class OnKernel : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam()); !missing.empty()) GTEST_SKIP() << missing;
  }
  Home home_{CacheOf::all};
};

INSTANTIATE_TEST_SUITE_P(Kernels, OnKernel, testing::Values("5.4", "6.1"), [](const auto& instance) {
  std::string name = instance.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return "v" + name;
});

TEST_P(OnKernel, EveryReferencePasses) {
  std::vector<std::string> arguments = {"run", "--kernel", GetParam(), "--format", "json"};
  const auto labs = all_labs();
  for (std::size_t i = 0; i < labs.size(); ++i)
    if (is_dealt(i, {GetParam(), "release"}, built_kernels({"release"}))) arguments.push_back(labs[i]);
  const std::size_t dealt = arguments.size() - 5;
  const auto outcome = home_.labctl(arguments);
  ASSERT_EQ(outcome.end.exit_status, 0) << account_of(outcome);
  const json run = json::parse(outcome.standard_output);
  ASSERT_EQ(run["labs"].size(), dealt);
  ASSERT_GE(run["labs"].size(), 3U);
  for (const auto& lab : run["labs"]) {
    EXPECT_THAT(lab["kernel"]["release"].get<std::string>(), testing::StartsWith(GetParam()));
    ASSERT_FALSE(lab["builds"].empty());
    for (const auto& build : lab["builds"]) {
      // Two users of the lab stacking ask for what they must not get: modpost says so, and no kernel loads them.
      const bool is_told = build["module"] == "stacking-closed" || build["module"] == "stacking-thief";
      if (build["succeeded"] && !is_told) {
        EXPECT_EQ(build["output"], "") << build["module"];
      }
    }
    ASSERT_FALSE(lab["tests"].empty());
    for (const auto& test : lab["tests"]) {
      EXPECT_EQ(test["status"], "passed");
      EXPECT_FALSE(test["steps"].empty());
      for (const auto& step : test["steps"])
        EXPECT_FALSE(step["checks"].empty()) << "a step that checked nothing";
    }
  }
}

// Of a spec: how it says which modules there are, with what belongs to them.
std::string modules_of(const std::string& spec) {
  std::istringstream lines(spec);
  std::string block, line;
  bool inside = false;
  while (std::getline(lines, line)) {
    if (line.find_first_of(" #") != 0 && !line.empty()) inside = line == "modules:";
    if (inside) block += line + "\n";
  }
  return block;
}

// Each module of a lab once more, in a lab that only has it built. kbuild runs sparse, which takes seconds a module: so
// that one lab of six is looked at, or all with LABCTL_EXHAUSTIVE=1.
TEST_P(OnKernel, SparseHasNothingToSayOfAnyModule) {
  std::vector<std::string> arguments = {"run", "--kernel", GetParam(), "--format", "json"};
  const auto labs = all_labs();
  const std::size_t dealt_of = exhaustive() ? 1 : 6;
  for (std::size_t i = 0; i < labs.size(); i += dealt_of) {
    if (!is_dealt(i / dealt_of, {GetParam(), "release"}, built_kernels({"release"}))) continue;
    const std::string modules = modules_of(*read_file(source("labs") / labs[i] / "lab.yaml"));
    std::string spec = "lab: " + labs[i] + "\n" + modules + "tests:\n";
    static const std::regex name("(^|\n)  - name: (\\S+)");
    for (std::sregex_iterator at(modules.begin(), modules.end(), name), end; at != end; ++at)
      spec += "  - name: " + at->str(2) + "\n    steps:\n      - {build: " + at->str(2) + ", expect: {sparse: 0}}\n";
    const fs::path lab = home_.put("labs/" + labs[i] + "/lab.yaml", spec).parent_path();
    if (const fs::path own = source("labs") / labs[i] / "modules"; fs::exists(own))
      fs::copy(own, lab / "modules", fs::copy_options::recursive);
    arguments.push_back(lab);
  }
  const std::size_t dealt = arguments.size() - 5;
  const auto outcome = home_.labctl(arguments);
  const json run = json::parse(outcome.standard_output, nullptr, false);
  ASSERT_FALSE(run.is_discarded()) << account_of(outcome);
  ASSERT_EQ(run["labs"].size(), dealt) << outcome.standard_error;
  for (const auto& lab : run["labs"]) {
    ASSERT_FALSE(lab["tests"].empty());
    for (const auto& test : lab["tests"])
      EXPECT_EQ(test["status"], "passed") << test.dump(2);
  }
}

TEST_P(OnKernel, ANewLabPassesAsItIs) {
  const std::string course = home_.path() / "course";
  const auto made = home_.labctl({"lab", "new", "my-lab", "--labs", course});
  ASSERT_EQ(made.end.exit_status, 0) << made.standard_error;
  const auto outcome = home_.labctl({"run", "my-lab", "--labs", course, "--kernel", GetParam()});
  EXPECT_EQ(outcome.end.exit_status, 0) << account_of(outcome);
  EXPECT_THAT(outcome.standard_output, HasSubstr("4 passed"));
}

class Formats : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(kernel_is_built("6.1")) << "ci/test builds it: labctl kernel build 6.1"; }
  Home home_{CacheOf::all};

  // Writes the report to a file and has the repository's validator read it.
  void expect_valid(const std::string& format, const std::vector<std::string>& more, int status) {
    const std::string file = home_.path() / (format == "junit" ? "report.xml" : "report." + format);
    std::vector<std::string> arguments = {"run", "--kernel", "6.1", "--format", format, "--output", file};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto outcome = home_.labctl(arguments);
    ASSERT_EQ(outcome.end.exit_status, status) << account_of(outcome);
    ProcessSpec validate;
    validate.argv = {"/usr/bin/python3", source("harness/tests/golden/report/validate.py"), "--schema",
                     source("docs/run-result.schema.json"), file};
    auto validated = run_process(validate, {std::chrono::seconds(60), 1 << 20}, {});
    ASSERT_TRUE(validated);
    EXPECT_TRUE(validated->success()) << validated->describe() << "\n" << slurp(file);
  }
};

TEST_F(Formats, JunitOfSeveralLabsSatisfiesBothReaders) {
  expect_valid("junit", several_labs(), 0);
}

TEST_F(Formats, JunitOfAFailureNamesTheCheck) {
  expect_valid("junit", {"hello-lkm", "--module", source("harness/tests/e2e/modules/init-error.c")}, 1);
  EXPECT_THAT(slurp(home_.path() / "report.xml"), HasSubstr("ENODEV"));
}

TEST_F(Formats, JsonFollowsItsSchema) {
  expect_valid("json", {"hello-lkm"}, 0);
  expect_valid("json", {"hello-lkm", "--module", source("harness/tests/e2e/modules/init-oops.c")}, 1);
}

TEST_F(Formats, KtapHasAPlan) {
  const auto outcome = home_.labctl({"run", "hello-lkm", "--kernel", "6.1", "--format", "ktap"});
  ASSERT_EQ(outcome.end.exit_status, 0) << outcome.standard_error;
  EXPECT_THAT(outcome.standard_output, testing::StartsWith("KTAP version 1\n1..1\n"));
  EXPECT_THAT(outcome.standard_output, HasSubstr("\nok 1 "));
  EXPECT_THAT(outcome.standard_output, Not(HasSubstr("not ok")));
}

TEST_F(Formats, TextHasNoColourInAPipe) {
  const auto outcome = home_.labctl({"run", "hello-lkm", "--kernel", "6.1"});
  ASSERT_EQ(outcome.end.exit_status, 0) << outcome.standard_error;
  EXPECT_THAT(outcome.standard_output, Not(HasSubstr("\x1b")));
  EXPECT_THAT(outcome.standard_output, HasSubstr("6.1."));
}

TEST_F(Formats, TextHasColourOnATerminalUnlessNoColorSaysSo) {
  // script(1) gives its command a terminal of its own.
  const auto on_terminal = [&](const std::string& no_color) {
    ProcessSpec spec = home_.command({});
    spec.argv = {"script", "-qec", std::string(LABCTL_PROGRAM) + " run hello-lkm --kernel 6.1", "/dev/null"};
    spec.environment.emplace_back("TERM", "xterm");
    spec.environment.emplace_back("NO_COLOR", no_color);
    auto outcome = run_process(spec, {std::chrono::seconds(120), 1 << 20}, {});
    return outcome ? outcome->standard_output : outcome.error().message;
  };
  EXPECT_THAT(on_terminal(""), HasSubstr("\x1b["));
  const std::string plain = on_terminal("1");
  EXPECT_THAT(plain, HasSubstr("2 passed"));
  EXPECT_THAT(plain, Not(HasSubstr("\x1b[3"))) << "no colour";
}

TEST_F(Formats, TheRunFolderHoldsTheEvidence) {
  const fs::path run = home_.path() / "evidence";
  const auto outcome = home_.labctl({"run", "hello-lkm", "--kernel", "6.1", "--run-dir", run});
  ASSERT_EQ(outcome.end.exit_status, 0) << outcome.standard_error;
  EXPECT_THAT(slurp(run / "hello-lkm/lab.yaml"), HasSubstr("hello-lkm"));
  EXPECT_THAT(slurp(run / "hello-lkm/kernel.config"), HasSubstr("CONFIG_MODULES=y"));
  EXPECT_EQ(json::parse(slurp(run / "result.json"))["labs"][0]["lab"], "hello-lkm");
  std::size_t tests = 0;
  for (const auto& item : fs::directory_iterator(run / "hello-lkm")) {
    if (!item.is_directory()) continue;
    ++tests;
    EXPECT_THAT(slurp(item.path() / "console.log"), HasSubstr("Linux version 6.1"));
    EXPECT_THAT(slurp(item.path() / "kernel.log"), HasSubstr("hello"));
    EXPECT_THAT(slurp(item.path() / "qemu.args"), HasSubstr("-sandbox"));
  }
  EXPECT_EQ(tests, 2U);
}

}  // namespace
}  // namespace labctl::e2e
