// The fuzzer's corpus, read in every test run: ci/fuzz needs clang, this does not. A finding of the fuzzer gets a test
// of its own in fault_test.cpp or its neighbours, and its input, made small, a file in the corpus.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "fuzz/lab_spec_properties.hpp"
#include "making.hpp"
#include "model/lab.hpp"
#include "steps.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;

struct Input {
  std::string name;
  std::string text;
};

std::vector<Input> corpus() {
  std::vector<Input> inputs;
  for (const auto& entry : fs::directory_iterator(fs::path(LABCTL_SOURCE) / "harness/tests/fuzz/corpus/lab_spec")) {
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    inputs.push_back({entry.path().filename().string(), text.str()});
  }
  return inputs;
}

TEST(Corpus, has_the_properties_that_the_fuzzer_looks_for) {
  for (const Input& input : corpus())
    EXPECT_EQ(fuzz::lab_spec_fault(input.text), "") << input.name;
}

TEST(Corpus, is_what_its_names_say) {
  std::size_t valid = 0, invalid = 0;
  for (const Input& input : corpus()) {
    const LabReading reading = making::read(input.text);
    ASSERT_TRUE(input.name.starts_with("valid-") || input.name.starts_with("invalid-")) << input.name;
    if (input.name.starts_with("valid-")) {
      EXPECT_EQ(making::listing(reading), "") << input.name;
      ++valid;
    } else {
      EXPECT_FALSE(reading.diagnostics.empty()) << input.name;
      ++invalid;
    }
  }
  EXPECT_GE(valid, 8U);
  EXPECT_GE(invalid, 8U);
}

TEST(Corpus, has_every_step_kind_in_a_valid_spec) {
  std::set<std::string> seen;
  for (const Input& input : corpus()) {
    const LabReading reading = making::read(input.text);
    if (!reading.diagnostics.empty()) continue;
    for (const auto& test : reading.lab.tests)
      for (const auto& step : test.steps)
        seen.insert(step_kind(step));
  }
  for (const auto& kind : spec::step_kinds())
    EXPECT_TRUE(seen.contains(kind.key)) << "no valid-*.yaml in harness/tests/fuzz/corpus/lab_spec has a " << kind.key;
}

}  // namespace
}  // namespace labctl
