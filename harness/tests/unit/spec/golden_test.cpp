// Whole listings of faults: golden/spec/NAME.yaml → NAME.txt. LABCTL_UPDATE_GOLDEN=1 rewrites the .txt files; look at
// the difference.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "making.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Golden, listings_of_faults) {
  int found = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(LABCTL_GOLDEN) / "spec")) {
    if (entry.path().extension() != ".yaml") continue;
    ++found;
    const std::string text = content(entry.path());
    const LabReading reading = making::read(text);
    std::string listing;
    for (const Diagnostic& fault : reading.diagnostics)
      listing += format_diagnostic("lab.yaml", text, fault) + "\n";
    fs::path golden = entry.path();
    golden.replace_extension(".txt");
    if (std::getenv("LABCTL_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(golden, std::ios::binary) << listing;
      continue;
    }
    ASSERT_TRUE(fs::exists(golden)) << golden << ": LABCTL_UPDATE_GOLDEN=1 writes it";
    EXPECT_EQ(content(golden), listing) << entry.path();
    EXPECT_FALSE(listing.empty()) << entry.path() << " has no fault";
  }
  EXPECT_GE(found, 6);
}

}  // namespace
}  // namespace labctl
