// Every sample in every format, byte for byte. LABCTL_UPDATE_GOLDEN=1 rewrites the files; look at the difference.
// golden/report/validate.py checks the JSON, JUnit and KTAP files against their own rules.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "report/report.hpp"
#include "samples.hpp"

namespace labctl {
namespace {

void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path file = std::filesystem::path(LABCTL_GOLDEN) / "report" / name;
  if (std::getenv("LABCTL_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file, std::ios::binary) << text;
    return;
  }
  std::ifstream in(file, std::ios::binary);
  ASSERT_TRUE(in) << "cannot read " << file << "; LABCTL_UPDATE_GOLDEN=1 writes it";
  std::ostringstream golden;
  golden << in.rdbuf();
  EXPECT_EQ(golden.str(), text) << file;
}

class Golden : public testing::TestWithParam<samples::Sample> {};

TEST_P(Golden, text) {
  expect_golden(std::string(GetParam().name) + ".txt", text_report(GetParam().run, {}));
}

TEST_P(Golden, verbose_text) {
  expect_golden(std::string(GetParam().name) + ".verbose.txt", text_report(GetParam().run, {.verbose = true}));
}

TEST_P(Golden, json) {
  expect_golden(std::string(GetParam().name) + ".json", json_report(GetParam().run));
}

TEST_P(Golden, junit) {
  expect_golden(std::string(GetParam().name) + ".xml", junit_report(GetParam().run));
}

TEST_P(Golden, ktap) {
  expect_golden(std::string(GetParam().name) + ".ktap", ktap_report(GetParam().run));
}

INSTANTIATE_TEST_SUITE_P(report, Golden, testing::ValuesIn(samples::all()), [](const auto& parameter) {
  std::string name(parameter.param.name);
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
});

}  // namespace

// Names the sample where a test fails.
namespace samples {
void PrintTo(const Sample& sample, std::ostream* out) {
  *out << sample.name;
}
}  // namespace samples
}  // namespace labctl
