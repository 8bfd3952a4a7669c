// Every example of docs/lab-language.md is true: it passes as it is, with the modules in modules/language/.
#include <gtest/gtest.h>

#include <algorithm>

#include "driver.hpp"
#include "manual.hpp"

namespace labctl::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class LabLanguage : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam(), {"release", "debug"}); !missing.empty())
      GTEST_SKIP() << missing;
    // Beside the labs' folder, which is where labctl looks for modules that several labs share.
    fs::copy(source("harness/tests/e2e/modules/language"), home_.path() / "modules", fs::copy_options::recursive);
    fs::copy(source("harness/tests/e2e/companion/book"), home_.path() / "book",
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  }

  std::string put(const manual::Example& example) {
    const fs::path spec = home_.put("labs/" + example.lab + "/lab.yaml", example.spec);
    for (const auto& item : fs::directory_iterator(home_.path() / "modules"))
      if (item.path().extension() == ".c") fs::copy(item.path(), spec.parent_path());
    return spec.parent_path();
  }

  Home home_{CacheOf::all};
};

INSTANTIATE_TEST_SUITE_P(Kernels, LabLanguage, testing::Values("5.4", "6.1"), [](const auto& instance) {
  std::string name = instance.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return "v" + name;
});

TEST_P(LabLanguage, EveryExampleOfTheManualPasses) {
  // An example may ask for either flavour, so a kernel is dealt a hand only where it has both.
  std::vector<KernelChoice> kernels;
  for (const auto& kernel : built_kernels({"release"}))
    if (kernel_is_built(kernel.name, "debug")) kernels.push_back(kernel);
  std::vector<manual::Example> examples;
  std::size_t number = 0;
  for (const auto& example : manual::examples())
    if (is_dealt(number++, {GetParam(), "release"}, kernels)) examples.push_back(example);
  ASSERT_GT(examples.size(), 15U);
  std::vector<std::string> arguments = {"run", "--kernel", GetParam(), "--format", "json"};
  for (const auto& example : examples)
    arguments.push_back(put(example));
  const auto outcome = home_.labctl(arguments);
  const json run = json::parse(outcome.standard_output, nullptr, false);
  ASSERT_FALSE(run.is_discarded()) << account_of(outcome);
  ASSERT_EQ(run["labs"].size(), examples.size()) << outcome.standard_error;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    SCOPED_TRACE("docs/lab-language.md:" + std::to_string(examples[i].line) + "\n" + examples[i].spec);
    EXPECT_FALSE(run["labs"][i]["tests"].empty());
    for (const auto& test : run["labs"][i]["tests"])
      EXPECT_EQ(test["status"], "passed") << test.dump(2);
  }
  EXPECT_EQ(outcome.end.exit_status, 0) << outcome.standard_error;
}

}  // namespace
}  // namespace labctl::e2e
