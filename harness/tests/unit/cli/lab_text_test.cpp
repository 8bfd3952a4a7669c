// `labctl lab show`: golden/lab/everything.yaml in both formats. LABCTL_UPDATE_GOLDEN=1 rewrites them; look at the
// difference.
#include "lab_text.hpp"

#include "lab_json.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "spec/lab_reader.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Lab everything() {
  const fs::path spec = fs::path(LABCTL_GOLDEN) / "lab" / "everything.yaml";
  const auto reading = parse_lab("lab.yaml", content(spec));
  for (const auto& fault : reading.diagnostics)
    ADD_FAILURE() << format_diagnostic(spec, reading.lab.text, fault);
  return reading.lab;
}

void expect_golden(const char* name, const std::string& text) {
  const fs::path golden = fs::path(LABCTL_GOLDEN) / "lab" / name;
  if (std::getenv("LABCTL_UPDATE_GOLDEN") != nullptr) std::ofstream(golden, std::ios::binary) << text;
  EXPECT_EQ(content(golden), text) << "LABCTL_UPDATE_GOLDEN=1 writes it";
}

TEST(LabText, golden) {
  expect_golden("everything.txt", lab_text(everything()));
}

TEST(LabJson, golden) {
  expect_golden("everything.json", lab_json(everything()));
}

// The corpus has every step kind, and texts that are not safe to print.
TEST(LabText, is_safe_to_print_and_says_something_of_every_step) {
  for (const auto& item : fs::directory_iterator(fs::path(LABCTL_SOURCE) / "harness/tests/fuzz/corpus/lab_spec")) {
    const auto reading = parse_lab("lab.yaml", content(item.path()));
    if (!reading.diagnostics.empty()) continue;
    std::istringstream lines(lab_text(reading.lab));
    for (std::string line; std::getline(lines, line);)
      EXPECT_EQ(line, printable(line)) << item.path();
    for (const auto& test : reading.lab.tests)
      for (const auto& step : test.steps)
        EXPECT_FALSE(expectations_of(step).empty()) << item.path();
  }
}

}  // namespace
}  // namespace labctl
