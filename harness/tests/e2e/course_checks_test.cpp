// What courses check of modules: each folder in checks/ is a lab whose tests are named as such checks are. Its module
// satisfies them all; broken.yaml has wrong lines for it, at least one a test, so that each check is known to fail when
// it should. Entries: test (the one that must not pass), replace (text that is in the module's source once), with,
// expect (a part of what the failing test says). Only that test is run then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct WrongLine {
  std::string test;
  std::string replace, with;
  std::string expect;
};

struct Check {
  std::string lab, kernel;
  friend void PrintTo(const Check& check, std::ostream* out) { *out << check.lab << " on " << check.kernel; }
};

fs::path folder_of(const std::string& lab) {
  return source("harness/tests/e2e/checks/" + lab);
}

std::vector<std::string> folders_of_checks() {
  std::vector<std::string> labs;
  for (const fs::path& lab : items_of(source("harness/tests/e2e/checks")))
    labs.push_back(lab.filename());
  return labs;
}

std::vector<WrongLine> wrong_lines_of(const std::string& lab) {
  std::vector<WrongLine> wrong;
  for (const auto& entry : YAML::LoadFile(folder_of(lab) / "broken.yaml"))
    wrong.push_back({entry["test"].as<std::string>(), entry["replace"].as<std::string>(),
                     entry["with"].as<std::string>(), entry["expect"].as<std::string>()});
  return wrong;
}

// The source of the lab's first module, which is the one that is judged.
std::string module_of(const std::string& lab) {
  const auto name = YAML::LoadFile(folder_of(lab) / "lab.yaml")["modules"][0]["name"].as<std::string>();
  return slurp(folder_of(lab) / "modules" / name / (name + ".c"));
}

std::string flavour_of(const std::string& lab) {
  return YAML::LoadFile(folder_of(lab) / "lab.yaml")["flavour"].as<std::string>("release");
}

std::set<std::string> tests_of(const std::string& lab) {
  std::set<std::string> names;
  for (const auto& test : YAML::LoadFile(folder_of(lab) / "lab.yaml")["tests"])
    names.insert(test["name"].as<std::string>());
  return names;
}

class CourseChecks : public testing::TestWithParam<Check> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam().kernel, {flavour_of(GetParam().lab)}); !missing.empty())
      GTEST_SKIP() << missing;
  }

  ProcessOutcome run(std::vector<std::string> more) const {
    std::vector<std::string> arguments = {
        "run", folder_of(GetParam().lab), "--kernel", GetParam().kernel, "--format", "json", "--seed", "course checks"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return home_.labctl(arguments);
  }

  // Runs the lab on the module with one wrong line; what is not as it should be, or nothing.
  std::string complaint(const WrongLine& wrong, std::size_t number) const {
    std::string module = module_of(GetParam().lab);
    const auto at = module.find(wrong.replace);
    if (at == std::string::npos) return "the text to replace is not in the module";
    if (module.find(wrong.replace, at + 1) != std::string::npos) return "the text to replace is in the module twice";
    module.replace(at, wrong.replace.size(), wrong.with);
    // Two of these run at once, so each has one machine.
    const auto outcome = run({"--module", home_.put("broken-" + std::to_string(number) + "/module.c", module), "--jobs",
                              "1", "--test", wrong.test});
    if (outcome.end.exit_status == 0) return "no test noticed it";
    if (outcome.end.exit_status != 1) return "labctl: " + outcome.describe() + "\n" + outcome.standard_error;

    const json result = json::parse(outcome.standard_output)["labs"][0];
    std::string builds;
    for (const auto& build : result["builds"])
      if (!build["succeeded"].get<bool>()) builds += build["output"].get<std::string>();
    std::string reasons = builds;
    for (const auto& test : result["tests"])
      reasons += test["status"].get<std::string>() + ": " + reasons_of(test);
    if (reasons.find(wrong.expect) == std::string::npos) return "the failure does not say so: " + reasons;
    return "";
  }

  Home home_{CacheOf::all};
};

std::vector<Check> every_lab_on_every_kernel() {
  std::vector<Check> checks;
  for (const auto& lab : folders_of_checks())
    for (const char* kernel : {"5.4", "6.1"})
      checks.push_back({lab, kernel});
  return checks;
}

INSTANTIATE_TEST_SUITE_P(Labs, CourseChecks, testing::ValuesIn(every_lab_on_every_kernel()), [](const auto& instance) {
  std::string name = instance.param.lab + "_v" + instance.param.kernel;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
});

TEST_P(CourseChecks, PassAModuleAndNoticeEachWrongLine) {
  const auto outcome = run({});
  ASSERT_EQ(outcome.end.exit_status, 0) << account_of(outcome);

  const auto kernels = built_kernels({flavour_of(GetParam().lab)});
  std::vector<WrongLine> wrong;
  std::size_t number = 0;
  for (WrongLine& line : wrong_lines_of(GetParam().lab))
    if (is_dealt(number++, {GetParam().kernel, flavour_of(GetParam().lab)}, kernels)) wrong.push_back(std::move(line));
  EXPECT_FALSE(wrong.empty());

  // A variant's build and its tests keep one core busy, and most machines have two.
  std::vector<std::string> complaints(wrong.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < wrong.size(); i = next++)
      complaints[i] = complaint(wrong[i], i);
  };
  std::thread other(work);
  work();
  other.join();
  for (std::size_t i = 0; i < wrong.size(); ++i)
    EXPECT_TRUE(complaints[i].empty()) << wrong[i].test << ", with\n" << wrong[i].with << "\n" << complaints[i];
}

TEST(CourseChecksTable, EveryTestHasAWrongLine) {
  for (const auto& lab : folders_of_checks()) {
    const auto tests = tests_of(lab);
    std::set<std::string> broken;
    for (const auto& wrong : wrong_lines_of(lab)) {
      broken.insert(wrong.test);
      EXPECT_NE(wrong.expect, "") << lab << ": " << wrong.test;
    }
    EXPECT_EQ(broken, tests) << lab;
  }
}

}  // namespace
}  // namespace labctl::e2e
