#include "kernel/catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "kernel/fragments.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

using testing::HasSubstr;

constexpr const char* two_kernels = R"(default: "6.1"
kernels:
  - name: "5.4"
    version: "5.4.302"
    tarball: {url: "https://example.org/linux-5.4.302.tar.xz", sha256: "%HASH%"}
    release: [a.config]
    debug: [a.config, b.config]
  - name: "6.1"
    package: {name: linux-source-6.1, path: /usr/src/linux-source-6.1.tar.xz}
    release: [a.config]
    debug: [b.config]
)";

class CatalogueTest : public testing::Test {
 protected:
  Result<Catalogue> read(std::string text) {
    if (const auto at = text.find("%HASH%"); at != std::string::npos) text.replace(at, 6, std::string(64, 'a'));
    std::ofstream(file_) << text;
    return read_catalogue(file_);
  }
  std::string error_of(const std::string& text) {
    const auto result = read(text);
    if (result) return "no error";
    EXPECT_EQ(result.error().fault, Fault::usage);
    return result.error().message + " | " + result.error().hint;
  }
  std::string changed(const std::string& from, const std::string& to) {
    std::string text = two_kernels;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }

  const test::TemporaryFolder folder_;
  const std::string file_ = folder_.path() / "kernels.yaml";
};

TEST_F(CatalogueTest, PutsTheDefaultFirstAndKeepsTheOrderOfTheRest) {
  const auto catalogue = read(two_kernels);
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_EQ(catalogue->default_name, "6.1");
  ASSERT_EQ(catalogue->entries.size(), 2U);
  EXPECT_EQ(catalogue->entries[0].name, "6.1");
  EXPECT_EQ(catalogue->entries[0].packages.at(0).package, "linux-source-6.1");
  const CatalogueEntry* old = catalogue->find("5.4");
  ASSERT_NE(old, nullptr);
  EXPECT_EQ(old->version, "5.4.302");
  EXPECT_EQ(old->tarballs.at(0).sha256, std::string(64, 'a'));
  EXPECT_THAT(old->debug_fragments, testing::ElementsAre("a.config", "b.config"));
  EXPECT_EQ(catalogue->find("5"), nullptr);
}

TEST_F(CatalogueTest, PicksTheNearestSeriesThatIsNotNewer) {
  const auto catalogue = read(two_kernels);
  ASSERT_TRUE(catalogue);
  EXPECT_EQ(catalogue->nearest_series("5.4.286").name, "5.4");
  EXPECT_EQ(catalogue->nearest_series("5.15.2").name, "5.4");
  EXPECT_EQ(catalogue->nearest_series("6.1.192").name, "6.1");
  EXPECT_EQ(catalogue->nearest_series("6.12.1").name, "6.1");
  EXPECT_EQ(catalogue->nearest_series("4.19.3").name, "5.4");
}

TEST_F(CatalogueTest, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(error_of(changed("    version:", "    versoin:")), HasSubstr(":4:5: unknown key \"versoin\""));
  EXPECT_THAT(error_of(changed("    version:", "    versoin:")), HasSubstr("did you mean \"version\"?"));
  EXPECT_THAT(error_of(changed("    version: \"5.4.302\"\n", "    name: x\n")), HasSubstr("\"name\" is there twice"));
}

TEST_F(CatalogueTest, RefusesWrongOrMissingValues) {
  EXPECT_THAT(error_of(changed("%HASH%", "abc")), HasSubstr("64 lower-case hexadecimal digits"));
  EXPECT_THAT(error_of(changed("    release: [a.config]\n", "")), HasSubstr("\"release\" must be a list"));
  EXPECT_THAT(error_of(changed("default: \"6.1\"", "default: \"7.0\"")), HasSubstr("\"7.0\" is not in the list"));
  EXPECT_THAT(error_of(changed("name: \"6.1\"", "name: \"5.4\"")), HasSubstr("\"5.4\" is there twice"));
  EXPECT_THAT(error_of(changed("name: \"5.4\"", "name: ../up")), HasSubstr("no name for a kernel"));
  EXPECT_THAT(error_of(changed("    package: {name: linux-source-6.1, path: /usr/src/linux-source-6.1.tar.xz}\n", "")),
              HasSubstr("needs a \"tarball\" or a \"package\""));
}

TEST_F(CatalogueTest, RefusesWhatIsNoCatalogueAtAll) {
  EXPECT_THAT(error_of(""), HasSubstr("the catalogue must be a map"));
  EXPECT_THAT(error_of("a: [b"), HasSubstr(".yaml:"));
  EXPECT_THAT(error_of("default: x\nkernels: 5\n"), HasSubstr("\"kernels\" must be a list"));
}

TEST(ShippedCatalogue, IsValidAndItsFragmentsAreThere) {
  const std::filesystem::path folder = std::filesystem::path(LABCTL_SOURCE) / "kernel-config";
  const auto catalogue = read_catalogue(folder / "kernels.yaml");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_EQ(catalogue->default_name, "5.4");
  for (const auto& entry : catalogue->entries) {
    for (const auto& names : {entry.release_fragments, entry.debug_fragments}) {
      const auto fragments = read_fragments(folder, names);
      ASSERT_TRUE(fragments) << fragments.error().message;
      const auto options = requested_options(*fragments);
      EXPECT_TRUE(options) << options.error().message;
    }
  }
}

}  // namespace
}  // namespace labctl
