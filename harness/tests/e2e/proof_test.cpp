// `labctl lab check`: that it proves this repository's labs, and that it finds each way in which a lab can be no good.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class EveryLab : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Labs, EveryLab, testing::ValuesIn(all_labs()), [](const auto& instance) {
  std::string name = instance.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// Every twelfth lab, in a quick way, on one of the kernels: a lab takes a minute. Before a release all of them, on all
// kernels, with all that `lab check` can do.
TEST_P(EveryLab, IsProven) {
  const auto labs = all_labs();
  const auto number = static_cast<std::size_t>(std::find(labs.begin(), labs.end(), GetParam()) - labs.begin());
  constexpr std::size_t dealt_of = 12;
  if (!exhaustive() && number % dealt_of != 0)
    GTEST_SKIP() << "one lab of twelve is proven; LABCTL_EXHAUSTIVE=1 or `labctl lab check " << GetParam()
                 << "` proves this one";
  const auto kernels = built_kernels({"release"});
  if (kernels.empty()) GTEST_SKIP() << missing_kernel("6.1");
  Home home(CacheOf::all);
  for (const auto& kernel : kernels) {
    if (!is_dealt(number / dealt_of, kernel, kernels)) continue;
    std::vector<std::string> arguments = {"lab", "check", GetParam(), "--kernel", kernel.name, "--jobs", "1"};
    if (!exhaustive()) arguments.emplace_back("--quick");
    const auto outcome = home.labctl(arguments);
    EXPECT_EQ(outcome.end.exit_status, 0) << account_of(outcome);
  }
}

// A course of one lab, hello-lkm, to spoil.
class Proof : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel("6.1", {"release", "debug"}); !missing.empty()) GTEST_SKIP() << missing;
    fs::create_directories(lab().parent_path());
    fs::create_directories(module().parent_path().parent_path());
    fs::copy(source("labs/hello-lkm"), lab(), fs::copy_options::recursive);
    fs::copy(source("modules/hello-lkm"), module().parent_path(), fs::copy_options::recursive);
  }

  fs::path lab() const { return home_.path() / "course/labs/hello-lkm"; }
  fs::path module() const { return home_.path() / "course/modules/hello-lkm/hello-lkm.c"; }

  void change(const fs::path& file, const std::string& from, const std::string& to) {
    std::string text = slurp(file);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << file << " has no " << from;
    text.replace(at, from.size(), to);
    std::ofstream(file, std::ios::binary) << text;
  }

  json check(int status, std::vector<std::string> more = {"--quick"}) {
    std::vector<std::string> arguments = {"lab",      "check", "hello-lkm", "--labs", lab().parent_path(),
                                          "--kernel", "6.1",   "--jobs",    "2",      "--format",
                                          "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto outcome = home_.labctl(arguments);
    EXPECT_EQ(outcome.end.exit_status, status) << account_of(outcome);
    EXPECT_TRUE(processes_mentioning(home_.path()).empty());
    return outcome.standard_output.empty() ? json() : json::parse(outcome.standard_output)["labs"][0];
  }

  // Of a lab that is no good: the first fault, all of it.
  std::string fault(std::vector<std::string> more = {"--quick"}) {
    const json proof = check(1, std::move(more));
    if (proof.is_null() || proof["faults"].empty()) return "";
    EXPECT_FALSE(proof["proven"]);
    return proof["faults"][0]["what"].get<std::string>() + "\n" + proof["faults"][0]["details"].get<std::string>();
  }

  Home home_{CacheOf::all};
};

TEST_F(Proof, WhatHasNotChangedIsRemembered) {
  // In no cache yet.
  change(lab() / "lab.yaml", "title: Hello", "title: Hello from " + home_.path().filename().string());
  const json first = check(0);
  EXPECT_EQ(first["remembered"], 0);
  EXPECT_TRUE(first["proven"]);
  const json second = check(0);
  EXPECT_EQ(second["remembered"], second["modules"]);
  EXPECT_EQ(second["mutants"], first["mutants"]);
  EXPECT_EQ(second["tests"], first["tests"]);
  // A mutant of its own does not make the others anew; a spec does.
  change(lab() / "mutants.yaml", "hello_exit);\n        with: \"\"", "hello_exit);\n        with: \"/* none */\"");
  const json third = check(0);
  EXPECT_EQ(third["remembered"].get<int>() + 1, third["modules"].get<int>());
  change(lab() / "lab.yaml", "title: Hello", "title: Hello again");
  EXPECT_EQ(check(0)["remembered"], 0);
  EXPECT_EQ(check(0, {"--quick", "--again"})["remembered"], 0);
}

TEST_F(Proof, AReferenceThatFails) {
  change(module(), "pr_info(\"Hello", "pr_warn(\"Hello");
  change(lab() / "mutants.yaml", "  - name: silent", "  - name: loud");
  change(lab() / "mutants.yaml", "- line: pr_info(\"Hello", "- line: pr_warn(\"Hello");
  change(lab() / "mutants.yaml", "- line: pr_info(\"Hello", "- line: pr_warn(\"Hello");
  change(lab() / "mutants.yaml", "pr_warn(\\\"Hello", "pr_err(\\\"Hello");
  EXPECT_THAT(fault(), AllOf(HasSubstr("the reference fails \"greets when it is loaded\" on 6.1 release"),
                             HasSubstr("at level warning")));
}

TEST_F(Proof, AStarterThatPasses) {
  fs::copy(module(), lab() / "starter/hello-lkm.c", fs::copy_options::overwrite_existing);
  EXPECT_THAT(fault(), HasSubstr("the starter earns 10 of 10 points on 6.1"));
}

TEST_F(Proof, AMutantThatNoTestFinds) {
  change(lab() / "lab.yaml", "\"hello_lkm: Hello, kernel world\", level: info", "\"hello_lkm: Hello, kernel world\"");
  EXPECT_THAT(fault(), HasSubstr("mutant wrong-level passes \"greets when it is loaded\" on 6.1"));
}

TEST_F(Proof, AMutantThatFailsForAnotherReason) {
  change(lab() / "mutants.yaml", "because: unload hello-lkm", "because: a full moon");
  EXPECT_THAT(fault(), HasSubstr("but not because of \"a full moon\""));
}

TEST_F(Proof, ATestThatAModuleOfNothingPasses) {
  change(lab() / "lab.yaml", "tests:\n",
         "tests:\n  - name: loads\n    points: 1\n    steps:\n      - load: hello-lkm\n");
  EXPECT_THAT(fault(), HasSubstr("test \"loads\" passes on 6.1: empty"));
}

TEST_F(Proof, AStatementThatNobodyMisses) {
  change(module(), "static int __init hello_init(void)\n{\n",
         "static int calls;\n\nstatic int __init hello_init(void)\n{\n\tcalls++;\n");
  const std::vector<std::string> all = {"--seeds", "1"};
  EXPECT_THAT(fault(all), AllOf(HasSubstr("no test fails on mutant \"drop hello_init: calls++;\" on 6.1"),
                                HasSubstr("hello-lkm.c:")));
  std::ofstream(lab() / "mutants.yaml", std::ios::app)
      << "\nspared:\n  - mutant: \"drop *calls++;\"\n    because: Nobody reads it.\n";
  const json spared = check(0, all);
  EXPECT_EQ(spared["mutants"].back()["end"], "spared");
  EXPECT_EQ(spared["mutants"].back()["note"], "Nobody reads it.");
}

TEST_F(Proof, AListOfMutantsWithMistakes) {
  std::ofstream(lab() / "mutants.yaml")
      << "mutants:\n  - name: No Exit\n    kills:\n      - {test: greets, because: x}\n";
  const auto outcome = home_.labctl({"lab", "check", "hello-lkm", "--labs", lab().parent_path(), "--kernel", "6.1"});
  EXPECT_EQ(outcome.end.exit_status, 2);
  EXPECT_THAT(outcome.standard_error,
              AllOf(HasSubstr("mutants.yaml:2:11: "), HasSubstr("\"No Exit\" is no name of a mutant"),
                    HasSubstr("the lab has no test \"greets\""), HasSubstr("\"about\""), HasSubstr("\"replace\"")));
}

TEST_F(Proof, OneMutantAlone) {
  const json proof = check(0, {"--mutant", "wrong-*"});
  ASSERT_EQ(proof["mutants"].size(), 1U);
  EXPECT_EQ(proof["mutants"][0]["name"], "wrong-level");
  EXPECT_TRUE(proof["references"].empty());
}

TEST_F(Proof, TwoLabsAreProvenAtOnceAndToldInOrder) {
  const fs::path other = lab().parent_path() / "known-lab";
  fs::copy(lab(), other, fs::copy_options::recursive);
  change(other / "lab.yaml", "lab: hello-lkm", "lab: known-lab");
  const auto check_labs = [&](std::vector<std::string> labs) {
    std::vector<std::string> arguments = {"lab", "check", "--quick", "--labs", lab().parent_path(), "--kernel", "6.1"};
    arguments.insert(arguments.end(), labs.begin(), labs.end());
    const auto outcome = home_.labctl(arguments);
    EXPECT_EQ(outcome.end.exit_status, 0) << outcome.standard_error;
    return outcome.standard_output;
  };
  check_labs({"known-lab"});
  // In no cache yet, so that the second one is done long before it.
  change(lab() / "lab.yaml", "title: Hello", "title: Hello from " + home_.path().filename().string());
  const std::string told = check_labs({"hello-lkm", "known-lab"});
  EXPECT_LT(told.find("  hello-lkm"), told.find("  known-lab"));
  EXPECT_THAT(told, AllOf(HasSubstr("  known-lab"), HasSubstr("2 labs proven in ")));
}

TEST_F(Proof, OfTwoLabsOneThatIsNoGoodIsToldWithTheOther) {
  const fs::path other = lab().parent_path() / "spoilt-lab";
  fs::copy(lab(), other, fs::copy_options::recursive);
  change(other / "lab.yaml", "lab: hello-lkm", "lab: spoilt-lab");
  fs::copy(module(), other / "starter/hello-lkm.c", fs::copy_options::overwrite_existing);
  const auto outcome = home_.labctl({"lab", "check", "--quick", "--labs", lab().parent_path(), "--kernel", "6.1",
                                     "--format", "json", "spoilt-lab", "hello-lkm"});
  EXPECT_EQ(outcome.end.exit_status, 1) << outcome.standard_error;
  const json labs = json::parse(outcome.standard_output)["labs"];
  ASSERT_EQ(labs.size(), 2U);
  EXPECT_EQ(labs[0]["lab"], "spoilt-lab");
  EXPECT_FALSE(labs[0]["proven"]);
  EXPECT_TRUE(labs[1]["proven"]);
}

}  // namespace
}  // namespace labctl::e2e
