// Which kernel a run gets.
#include "http_server.hpp"
#include "store_fixture.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"

namespace labctl::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ObtainTest : public StoreTest {
 protected:
  // The default must be downloaded; 6.1 is a package that is installed.
  void offline_default(const std::string& url) {
    make_fake_tree(root() / "linux-6.1.192", {.version = "6", .patchlevel = "1", .sublevel = "192"});
    pack(root() / "linux-6.1.192", root() / "linux-source-6.1.tar.gz");
    catalogue_of(
        {tarball_entry("5.4", url, std::string(64, 'a')), package_entry("6.1", root() / "linux-source-6.1.tar.gz")});
  }
};

TEST_F(ObtainTest, TheDefaultIsBuiltWhenItsSourceIsHere) {
  make_tarball();
  const auto kernel = store().obtain("", "release", any);
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_EQ(kernel->identity.release, "5.4.286");
  EXPECT_THAT(progress_.notes, IsEmpty());
}

TEST_F(ObtainTest, DownloadsAndBuildsThePinnedTarball) {
  make_tarball();
  const std::string body = read_file(tarball()).value_or("");
  HttpServer server({.body = body});
  catalogue_of({tarball_entry("5.4", server.url(), sha256_hex(body))});
  const auto kernel = store().obtain("", "release", any);
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_EQ(kernel->identity.release, "5.4.286");
  ASSERT_TRUE(store().obtain("", "debug", any));
  EXPECT_EQ(server.ranges().size(), 1U) << "downloaded once";
}

TEST_F(ObtainTest, FallsBackInOneLineAndDoesNotAskTheNetworkAgainSoon) {
  HttpServer server({.body = "", .status = 503});
  offline_default(server.url());
  const auto kernel = store().obtain("", "release", any);
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_EQ(kernel->identity.release, "6.1.192");
  ASSERT_EQ(progress_.notes.size(), 1U);
  EXPECT_THAT(progress_.notes[0], HasSubstr("kernel 5.4 cannot be had ("));
  EXPECT_THAT(progress_.notes[0], HasSubstr("503"));
  EXPECT_THAT(progress_.notes[0], HasSubstr("; using 6.1"));
  EXPECT_EQ(server.ranges().size(), 1U);

  ASSERT_TRUE(store().obtain("", "release", any));
  EXPECT_EQ(server.ranges().size(), 1U);
  ASSERT_EQ(progress_.notes.size(), 2U);
  EXPECT_THAT(progress_.notes[1], testing::EndsWith("; using 6.1.192"));

  EXPECT_FALSE(store().fetch("5.4"));
  EXPECT_EQ(server.ranges().size(), 2U) << "fetch by name always tries";
}

TEST_F(ObtainTest, ANameThatWasGivenHasNoFallbackButAListOfWays) {
  HttpServer server({.body = "", .status = 503});
  offline_default(server.url());
  const auto kernel = store().obtain("5.4", "release", any);
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::harness);
  EXPECT_THAT(kernel.error().message, HasSubstr("kernel 5.4 cannot be had"));
  EXPECT_THAT(kernel.error().hint, HasSubstr("labctl kernel fetch 5.4"));
  EXPECT_THAT(kernel.error().hint, HasSubstr("--source"));
  EXPECT_THAT(kernel.error().hint, HasSubstr("apt-get install linux-source-6.1"));
  EXPECT_THAT(progress_.notes, IsEmpty());
}

TEST_F(ObtainTest, ADefaultThatDoesNotSuitTheLabIsPassedOver) {
  make_tarball();
  make_fake_tree(tree(), {.version = "6", .patchlevel = "1", .sublevel = "192"});
  ASSERT_TRUE(store().build("6.1", "release", tree()));
  const auto newer = [](const std::string& version) { return compare_versions(version, "5.10") >= 0; };
  const auto kernel = store().obtain("", "release", newer);
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_EQ(kernel->identity.release, "6.1.192");
  EXPECT_THAT(progress_.notes, ElementsAre("kernel 5.4 does not suit this lab; using 6.1.192"));
}

TEST_F(ObtainTest, ANamedKernelThatDoesNotSuitIsAUsageError) {
  make_tarball();
  const auto newer = [](const std::string& version) { return compare_versions(version, "5.10") >= 0; };
  const auto kernel = store().obtain("5.4", "release", newer);
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::usage);
  EXPECT_THAT(kernel.error().message, HasSubstr("does not suit this lab"));
  EXPECT_EQ(progress_.builds(), 0U) << "it takes no build to know";
}

TEST_F(ObtainTest, WhereNothingCanBeHadEveryReasonIsGiven) {
  const auto kernel = store().obtain("", "release", any);
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, Fault::harness);
  EXPECT_THAT(kernel.error().message, HasSubstr("kernel 5.4 cannot be had"));
  EXPECT_THAT(kernel.error().message, HasSubstr("kernel 6.1 cannot be had"));
}

TEST_F(ObtainTest, AKernelThatDoesNotCompileIsNotPassedOverInSilence) {
  make_tarball({.source = "broken\n"});
  const auto kernel = store().obtain("", "release", any);
  ASSERT_FALSE(kernel);
  EXPECT_THAT(kernel.error().message, HasSubstr("does not compile"));
}

}  // namespace
}  // namespace labctl::test
