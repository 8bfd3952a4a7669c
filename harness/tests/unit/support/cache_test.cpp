#include "support/cache.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "temporary_folder.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;

std::string change_time(const fs::path& file) {
  struct stat info {};
  EXPECT_EQ(::stat(file.c_str(), &info), 0);
  return std::to_string(info.st_ctim.tv_sec) + "." + std::to_string(info.st_ctim.tv_nsec);
}

class CacheTest : public testing::Test {
 protected:
  Result<fs::path> make(const Cache& cache, const std::string& text) {
    return cache.get("things", "key", [&](const fs::path& folder) -> Status {
      ++made_;
      if (auto written = write_file(folder / "file", text); !written) return written;
      return write_file(folder / "deep/file", "below");
    });
  }

  const test::TemporaryFolder temporary_;
  const fs::path root_ = temporary_.path();
  int made_ = 0;
};

TEST_F(CacheTest, MakesOnceAndFindsAgain) {
  auto cache = Cache::open(root_ / "cache");
  ASSERT_TRUE(cache);
  EXPECT_FALSE(cache->find("things", "key"));
  auto first = make(*cache, "hello");
  ASSERT_TRUE(first) << first.error().message;
  auto second = make(*cache, "hello");
  ASSERT_TRUE(second);
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(made_, 1);
  EXPECT_EQ(*read_file(*first / "file"), "hello");
}

TEST_F(CacheTest, NothingIsLeftOfAFailure) {
  auto cache = Cache::open(root_ / "cache");
  auto made = cache->get("things", "key", [](const fs::path& folder) -> Status {
    if (auto written = write_file(folder / "file", "half"); !written) return written;
    return fail(Fault::module, "no");
  });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "no");
  EXPECT_FALSE(cache->find("things", "key"));
  EXPECT_TRUE(fs::is_empty(cache->tmp()));
}

TEST_F(CacheTest, DamageAtTheTopIsNoticedAndMendedAtOnce) {
  auto cache = Cache::open(root_ / "cache");
  std::string told;
  cache->on_note([&](const std::string& line) { told = line; });
  auto folder = make(*cache, "hello");
  ASSERT_TRUE(folder);
  ASSERT_TRUE(cache->find("things", "key"));
  std::ofstream(*folder / "file") << "hel";
  EXPECT_FALSE(cache->find("things", "key"));
  EXPECT_NE(told.find("file has 3 bytes instead of 5"), std::string::npos) << told;
  ASSERT_TRUE(make(*cache, "hello"));
  EXPECT_EQ(made_, 2);
  EXPECT_TRUE(cache->find("things", "key"));
}

TEST_F(CacheTest, AChangeThatKeepsSizeAndTimeIsNoticedAtOnce) {
  auto cache = Cache::open(root_ / "cache");
  std::string told;
  cache->on_note([&](const std::string& line) { told = line; });
  auto folder = make(*cache, "hello");
  ASSERT_TRUE(folder);
  const auto time = fs::last_write_time(*folder / "file");
  // Past the granularity of the file system's clock, as anybody's change is; waited for as an event.
  const std::string before = change_time(*folder / "file");
  do {
    std::ofstream(*folder / "file") << "jello";
    fs::last_write_time(*folder / "file", time);
  } while (change_time(*folder / "file") == before);
  EXPECT_FALSE(cache->find("things", "key"));
  EXPECT_NE(told.find("file has changed"), std::string::npos) << told;
}

TEST_F(CacheTest, ACopiedCacheIsReadOnceAndThenTrusted) {
  auto cache = Cache::open(root_ / "cache");
  ASSERT_TRUE(make(*cache, "hello"));
  fs::copy(root_ / "cache", root_ / "copy", fs::copy_options::recursive);
  auto copy = Cache::open(root_ / "copy");
  const fs::path stamps = root_ / "copy/things/key/.stamps";
  const auto copied = read_file(stamps);
  EXPECT_TRUE(copy->find("things", "key"));
  const auto renewed = read_file(stamps);
  EXPECT_NE(*renewed, *copied);
  EXPECT_TRUE(copy->find("things", "key"));
  EXPECT_EQ(*read_file(stamps), *renewed);
}

TEST_F(CacheTest, ListsAndRemovesEntries) {
  auto cache = Cache::open(root_ / "cache");
  EXPECT_TRUE(cache->entries().empty());
  const auto make_other = [](const fs::path& folder) { return write_file(folder / "file", "x"); };
  ASSERT_TRUE(make(*cache, std::string(100'000, 'x')));
  ASSERT_TRUE(cache->get("things", "other", make_other));
  ASSERT_TRUE(cache->get("dinge", "key", make_other));
  fs::last_write_time(root_ / "cache/things/key", fs::file_time_type::clock::now() - std::chrono::hours(1));
  const auto entries = cache->entries();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].kind, "dinge");
  EXPECT_EQ(entries[1].key, "other") << "the last used first";
  EXPECT_EQ(entries[2].key, "key");
  EXPECT_GE(entries[2].bytes, 100'000U);
  EXPECT_TRUE(cache->remove("things", "key"));
  EXPECT_TRUE(cache->remove("things", "key")) << "that it is not there is no error";
  EXPECT_EQ(cache->entries().size(), 2U);
  EXPECT_FALSE(cache->find("things", "key"));
  EXPECT_TRUE(fs::is_empty(cache->tmp()));
}

TEST_F(CacheTest, VerifySeesChangedBytesBelowAndRemovesTheEntry) {
  auto cache = Cache::open(root_ / "cache");
  auto folder = make(*cache, "hello");
  ASSERT_TRUE(folder);
  EXPECT_TRUE(cache->verify("things", "key")) << "the control: an intact entry passes";
  std::ofstream(*folder / "deep/file") << "bel0w";
  EXPECT_TRUE(cache->find("things", "key")) << "the quick look does not go deep";
  auto verified = cache->verify("things", "key");
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().fault, Fault::harness);
  EXPECT_NE(verified.error().message.find("deep/file has changed"), std::string::npos) << verified.error().message;
  EXPECT_FALSE(fs::exists(*folder));
}

TEST_F(CacheTest, ACutSealIsDamage) {
  auto cache = Cache::open(root_ / "cache");
  auto folder = make(*cache, "hello");
  ASSERT_TRUE(folder);
  ASSERT_TRUE(cache->find("things", "key"));
  std::ofstream(*folder / ".sealed", std::ios::trunc);
  EXPECT_FALSE(cache->find("things", "key"));
  ASSERT_TRUE(make(*cache, "hello"));
  EXPECT_TRUE(cache->find("things", "key"));
}

TEST_F(CacheTest, AnEntryWithoutSealIsNotTrusted) {
  auto cache = Cache::open(root_ / "cache");
  fs::create_directories(root_ / "cache/things/key");
  std::ofstream(root_ / "cache/things/key/file") << "by hand";
  EXPECT_FALSE(cache->find("things", "key"));
}

TEST_F(CacheTest, ReadOnlyFolderIsAnErrorThatSaysWhatToDo) {
  // Root may write anywhere, so the honest obstacle is a file where the folder should be.
  std::ofstream(root_ / "cache") << "in the way";
  auto cache = Cache::open(root_ / "cache");
  ASSERT_FALSE(cache);
  EXPECT_EQ(cache.error().fault, Fault::harness);
  EXPECT_NE(cache.error().hint.find("XDG_CACHE_HOME"), std::string::npos);
}

TEST_F(CacheTest, AKilledProcessLeavesNothingForLong) {
  auto cache = Cache::open(root_ / "cache");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto folder = TempDir::create(cache->tmp(), "left");
    const char ok = folder ? 'y' : 'n';
    if (::write(ready[1], &ok, 1) != 1) ::_exit(1);
    for (;;)
      ::pause();
  }
  char ok = 0;
  ASSERT_EQ(::read(ready[0], &ok, 1), 1);
  ASSERT_EQ(ok, 'y');
  {
    auto other = TempDir::create(cache->tmp(), "other");
    ASSERT_TRUE(other);
    EXPECT_EQ(std::distance(fs::directory_iterator(cache->tmp()), {}), 2) << "the owner lives: its folder stays";
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  {
    auto other = TempDir::create(cache->tmp(), "other");
    ASSERT_TRUE(other);
    EXPECT_EQ(std::distance(fs::directory_iterator(cache->tmp()), {}), 1) << "the owner is dead: swept";
  }
  EXPECT_TRUE(fs::is_empty(cache->tmp()));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(CacheTest, WriteFileIsAllOrNothing) {
  const fs::path file = root_ / "sub/file";
  ASSERT_TRUE(write_file(file, "one"));
  ASSERT_TRUE(write_file(file, "two"));
  EXPECT_EQ(*read_file(file), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(root_ / "sub"), {}), 1) << "no temporary file stays";
  EXPECT_FALSE(read_file(file, 2)) << "larger than the cap";
  EXPECT_FALSE(read_file(root_)) << "a folder";
}

}  // namespace
}  // namespace labctl
