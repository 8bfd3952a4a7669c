// Where sources come from: downloads, tarballs, folders; and what a name means over time.
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http_server.hpp"
#include "kernel/download.hpp"
#include "kernel/tarball.hpp"
#include "store_fixture.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"

namespace labctl::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DownloadTest : public StoreTest {
 protected:
  static std::string bytes(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
      text[i] = static_cast<char>(i * 7 + i / 251);
    return text;
  }
  Status fetch(HttpServer& server, const std::string& sha256) {
    return download({{server.url()}, sha256}, file(), progress_, stop_.token());
  }
  fs::path file() const { return root() / "sources/linux-5.4.302.tar.gz"; }
  fs::path part() const { return file().string() + ".part"; }
};

TEST_F(DownloadTest, ContinuesWhereItStopped) {
  const std::string body = bytes(300'000);
  HttpServer server({.body = body, .hang_up_after = 100'000});
  const auto first = fetch(server, sha256_hex(body));
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().fault, Fault::harness);
  EXPECT_FALSE(fs::exists(file()));
  EXPECT_EQ(fs::file_size(part()), 100'000U);
  const auto second = fetch(server, sha256_hex(body));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(read_file(file()).value_or(""), body);
  EXPECT_FALSE(fs::exists(part()));
  EXPECT_THAT(server.ranges(), ElementsAre("", "bytes=100000-"));
}

TEST_F(DownloadTest, StartsAgainWhereTheServerCannotContinue) {
  const std::string body = bytes(300'000);
  HttpServer server({.body = body, .honours_range = false});
  put(part(), body.substr(0, 50'000));
  const auto done = fetch(server, sha256_hex(body));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(read_file(file()).value_or(""), body);
}

TEST_F(DownloadTest, APartThatIsAlreadyWholeIsTaken) {
  const std::string body = bytes(5'000);
  HttpServer server({.body = body});
  put(part(), body);
  const auto done = fetch(server, sha256_hex(body));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(read_file(file()).value_or(""), body);
}

TEST_F(DownloadTest, AWrongPartIsDroppedOnce) {
  const std::string body = bytes(300'000);
  HttpServer server({.body = body});
  put(part(), std::string(1000, 'x'));
  const auto done = fetch(server, sha256_hex(body));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(read_file(file()).value_or(""), body);
  EXPECT_THAT(server.ranges(), ElementsAre("bytes=1000-", ""));
}

TEST_F(DownloadTest, AWrongHashIsNotKeptAndBothAreNamed) {
  HttpServer server({.body = "not a kernel"});
  const std::string wanted(64, 'a');
  const auto done = fetch(server, wanted);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::harness);
  EXPECT_THAT(done.error().message, HasSubstr(wanted));
  EXPECT_THAT(done.error().message, HasSubstr(sha256_hex("not a kernel")));
  EXPECT_FALSE(fs::exists(file()));
  EXPECT_FALSE(fs::exists(part()));
}

TEST_F(DownloadTest, AnErrorPageIsNotTakenForTheFile) {
  HttpServer server({.body = "<html>not found</html>", .status = 404});
  const auto done = fetch(server, std::string(64, 'a'));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("404"));
  EXPECT_FALSE(fs::exists(file()));
}

TEST_F(DownloadTest, TheNextAddressIsTriedAndAnInterruptionEndsIt) {
  const std::string body = bytes(1'000);
  HttpServer broken({.body = "", .status = 500});
  HttpServer good({.body = body});
  ASSERT_TRUE(download({{broken.url(), good.url()}, sha256_hex(body)}, file(), progress_, stop_.token()));
  fs::remove(file());
  stop_.request();
  const auto stopped = fetch(good, sha256_hex(body));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().fault, Fault::interrupted);
}

class TarballTest : public StoreTest {};

TEST_F(TarballTest, BuildsFromATarballAndRemembersIt) {
  make_tarball();
  const auto kernel = store().build("mine", "release", tarball());
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_EQ(kernel->identity.release, "5.4.286");
  fs::remove(tarball());
  EXPECT_TRUE(store().find("mine", "release")) << "what was built does not need its source";
}

TEST_F(TarballTest, ATruncatedTarballIsAnErrorAndLeavesNothing) {
  make_tarball({.before_compiling = "true " + std::string(4000, 'x')});
  fs::resize_file(tarball(), fs::file_size(tarball()) / 2);
  const auto given = store().build("mine", "release", tarball());
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().fault, Fault::usage);
  EXPECT_THAT(given.error().message, HasSubstr(tarball().string()));
  EXPECT_THAT(given.error().hint, HasSubstr("incomplete"));
  const auto package = store().build("5.4", "release", std::nullopt);
  ASSERT_FALSE(package);
  EXPECT_EQ(package.error().fault, Fault::harness) << "a package's damaged file is not the user's";
  EXPECT_EQ(entries(), 0U);
  EXPECT_THAT(left_in_tmp(), IsEmpty());
}

TEST_F(TarballTest, AFileThatIsNoTarballAndATarballOfSomethingElseAreRefused) {
  put(root() / "text.tar.gz", "hello");
  const auto text = store().build("mine", "release", root() / "text.tar.gz");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().fault, Fault::usage);
  put(root() / "other/README", "hello");
  pack(root() / "other", root() / "other.tar.gz");
  const auto other = store().build("mine", "release", root() / "other.tar.gz");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().fault, Fault::usage);
  EXPECT_THAT(other.error().message, HasSubstr("is not a kernel source tarball"));
}

TEST_F(TarballTest, NothingIsWrittenThroughALinkThatLeavesTheTree) {
  // top/escape -> outside, then a second tar with top/escape/file, as one archive.
  fs::create_directories(root() / "outside");
  fs::create_directories(root() / "a/top");
  fs::create_directory_symlink(root() / "outside", root() / "a/top/escape");
  put(root() / "b/top/escape/file", "written");
  ProcessSpec tar;
  tar.argv = {"tar",
              "-cf",
              (root() / "evil.tar").string(),
              "-C",
              (root() / "a").string(),
              "top",
              "-C",
              (root() / "b").string(),
              "top/escape/file"};
  const auto made = run_process(tar, {}, {});
  ASSERT_TRUE(made && made->success());
  fs::create_directories(root() / "here");
  const auto unpacked = unpack_tarball(root() / "evil.tar", root() / "here", {});
  EXPECT_FALSE(unpacked);
  EXPECT_FALSE(fs::exists(root() / "outside/file"));
}

TEST_F(TarballTest, AFullDiskIsTheHarnessAndSaysSo) {
  make_tree_with_a_large_file();
  const auto write_map = [](const char* file, const std::string& text) { std::ofstream(file) << text; };
  const std::string user = "0 " + std::to_string(::getuid()) + " 1";
  const std::string group = "0 " + std::to_string(::getgid()) + " 1";
  const pid_t child = ::fork();
  if (child == 0) {
    // A small file system of our own, where the host lets an ordinary user have one.
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) ::_exit(77);
    write_map("/proc/self/setgroups", "deny");
    write_map("/proc/self/uid_map", user);
    write_map("/proc/self/gid_map", group);
    fs::create_directories(root() / "small");
    if (::mount("none", (root() / "small").c_str(), "tmpfs", 0, "size=256k") != 0) ::_exit(77);
    const auto unpacked = unpack_tarball(tarball(), root() / "small", {});
    const bool right = !unpacked && unpacked.error().fault == Fault::harness &&
                       unpacked.error().message.find("No space left on device") != std::string::npos &&
                       unpacked.error().hint.find("disk space") != std::string::npos;
    ::_exit(right ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "no user namespace here, so no small file system";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

class MeaningTest : public StoreTest {};

TEST_F(MeaningTest, ANameKeepsItsSourceUntilItIsGivenAnother) {
  make_tarball();
  make_fake_tree(tree(), {.sublevel = "99"});
  ASSERT_TRUE(store().build("5.4", "release", tree()));
  const auto kept = store().build("5.4", "debug", std::nullopt);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->identity.release, "5.4.99");
  const auto back = store().build("5.4", "release", "catalogue");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->identity.release, "5.4.286");
  EXPECT_FALSE(store().find("5.4", "debug")) << "built from the other source";
  EXPECT_EQ(store().find("5.4", "release")->identity.release, "5.4.286");
}

TEST_F(MeaningTest, WhatWasBuiltOutlivesItsFolderButNothingNewCanBeBuilt) {
  make_fake_tree(tree());
  ASSERT_TRUE(store().build("mine", "release", tree()));
  put(tree() / "init/main.c", "int start_kernel(void) { return 1; }\n");
  EXPECT_TRUE(store().find("mine", "release"));
  const auto changed = store().build("mine", "debug", std::nullopt);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().fault, Fault::usage);
  EXPECT_THAT(changed.error().message, HasSubstr(tree().string()));
  EXPECT_THAT(changed.error().message, HasSubstr("has changed"));
  fs::remove_all(tree());
  EXPECT_TRUE(store().build("mine", "release", std::nullopt));
  const auto gone = store().build("mine", "debug", std::nullopt);
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().message, HasSubstr(tree().string()));
  EXPECT_THAT(gone.error().hint, HasSubstr("--source"));
  EXPECT_EQ(entries(), 1U);
}

TEST_F(MeaningTest, AChangedFragmentMakesABuiltKernelOutOfDate) {
  make_tarball();
  ASSERT_TRUE(store().build("5.4", "release", std::nullopt));
  ASSERT_TRUE(store().find("5.4", "release"));
  put(config() / "base.config", "CONFIG_SMP=y\nCONFIG_MORE=y\n");
  EXPECT_FALSE(store().find("5.4", "release"));
  ASSERT_TRUE(store().build("5.4", "release", std::nullopt));
  EXPECT_EQ(entries(), 2U);
}

TEST_F(MeaningTest, AnUpgradedPackageMakesItOutOfDateARemovedOneDoesNot) {
  make_tarball();
  ASSERT_TRUE(store().build("5.4", "release", std::nullopt));
  fs::rename(tarball(), root() / "away");
  EXPECT_TRUE(store().find("5.4", "release"));
  make_tarball({.sublevel = "287"});
  EXPECT_FALSE(store().find("5.4", "release"));
  const auto upgraded = store().build("5.4", "release", std::nullopt);
  ASSERT_TRUE(upgraded) << upgraded.error().message;
  EXPECT_EQ(upgraded->identity.release, "5.4.287");
}

TEST_F(MeaningTest, ListsTheCatalogueAndWhatWasAdded) {
  make_fake_tree(tree());
  ASSERT_TRUE(store().build("mine", "release", tree()));
  std::vector<std::string> lines;
  for (const auto& item : store().list())
    lines.push_back(item.name + " " + item.flavour + (item.is_default ? " default" : "") +
                    (item.built ? " " + item.built->identity.release : ""));
  EXPECT_THAT(lines, ElementsAre("5.4 release default", "5.4 debug default", "6.1 release", "6.1 debug",
                                 "mine release 5.4.286", "mine debug"));
}

TEST_F(MeaningTest, FetchReturnsWhereTheSourceIs) {
  make_tarball();
  EXPECT_EQ(store().fetch("5.4").value_or(""), tarball());
  const auto absent = store().fetch("6.1");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().hint, "apt-get install linux-source-6.1");
}

TEST_F(MeaningTest, ShowsTheRequestedConfigAndWhereTheFinalOneIs) {
  make_tarball();
  const auto before = store().requested_config("5.4", "debug");
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_THAT(*before, HasSubstr("CONFIG_KASAN=y"));
  EXPECT_THAT(*before, testing::Not(HasSubstr("# final: ")));
  const auto kernel = store().build("5.4", "debug", std::nullopt);
  ASSERT_TRUE(kernel);
  EXPECT_THAT(store().requested_config("5.4", "debug").value_or(""),
              testing::StartsWith("# final: " + kernel->config().string()));
}

}  // namespace
}  // namespace labctl::test
