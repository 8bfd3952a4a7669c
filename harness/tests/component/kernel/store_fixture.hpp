// A cache, a kernels.yaml and a store of their own for each test, and a Progress that can be watched.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fake_tree.hpp"
#include "kernel/kernel_store.hpp"
#include "process/process.hpp"
#include "temporary_folder.hpp"

namespace labctl::test {

namespace fs = std::filesystem;

class WatchedProgress final : public Progress {
 public:
  void begin(const std::string& title, std::uint64_t, const std::string&) override {
    begun.push_back(title);
    if (on_begin) on_begin(title);
  }
  void advance(std::uint64_t done) override { most = std::max(most, done); }
  void end(bool) override { ++ended; }
  void note(const std::string& line) override { notes.push_back(line); }

  std::size_t builds() const {
    return static_cast<std::size_t>(std::count_if(
        begun.begin(), begun.end(), [](const std::string& title) { return title.starts_with("building "); }));
  }

  std::function<void(const std::string& title)> on_begin;
  std::vector<std::string> begun;
  std::vector<std::string> notes;
  std::size_t ended = 0;
  std::uint64_t most = 0;
};

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    put(config() / "base.config", "CONFIG_SMP=y\n");
    put(config() / "debug.config", "CONFIG_KASAN=y\n");
    catalogue_of({package_entry("5.4", tarball()), package_entry("6.1", folder_.path() / "absent.tar.gz")});
  }

  fs::path root() const { return folder_.path(); }
  fs::path config() const { return root() / "kernel-config"; }
  fs::path tree() const { return root() / "tree"; }
  fs::path tarball() const { return root() / "linux-5.4.286.tar.gz"; }
  fs::path cache_root() const { return root() / "cache"; }

  static std::string package_entry(const std::string& name, const fs::path& file) {
    return "  - name: \"" + name + "\"\n    package: {name: linux-source-" + name + ", path: " + file.string() +
           "}\n    release: [base.config]\n    debug: [base.config, debug.config]\n";
  }
  static std::string tarball_entry(const std::string& name, const std::string& url, const std::string& sha256) {
    return "  - name: \"" + name + "\"\n    version: \"5.4.302\"\n    tarball: {url: \"" + url +
           "\", sha256: " + sha256 + "}\n    release: [base.config]\n    debug: [base.config, debug.config]\n";
  }
  // The first is the default.
  void catalogue_of(const std::vector<std::string>& entries, const std::string& default_name = "5.4") {
    std::string text = "default: \"" + default_name + "\"\nkernels:\n";
    for (const auto& entry : entries)
      text += entry;
    put(config() / "kernels.yaml", text);
  }

  // A store as a new process would open it.
  KernelStore store() {
    auto cache = Cache::open(cache_root());
    EXPECT_TRUE(cache) << cache.error().message;
    caches_.push_back(std::make_unique<Cache>(std::move(*cache)));
    auto store = KernelStore::open(*caches_.back(), {config(), 2}, progress_, stop_.token());
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }

  void pack(const fs::path& tree_folder, const fs::path& file) {
    ProcessSpec tar;
    tar.argv = {"tar",  "-C",          tree_folder.parent_path().string(),
                "-czf", file.string(), tree_folder.filename().string()};
    const auto done = run_process(tar, {}, {});
    ASSERT_TRUE(done && done->success());
  }
  void make_tree_with_a_large_file() {
    std::string noise(1 << 20, '\0');
    unsigned state = 1;
    for (char& c : noise)
      c = static_cast<char>((state = state * 1103515245 + 12345) >> 16);
    make_fake_tree(root() / "linux-5.4.286");
    put(root() / "linux-5.4.286/init/large.h", noise);
    pack(root() / "linux-5.4.286", tarball());
  }
  // A kernel's tarball at tarball().
  void make_tarball(const FakeTree& fake = {}) {
    make_fake_tree(root() / "linux-5.4.286", fake);
    pack(root() / "linux-5.4.286", tarball());
  }

  // What a failed or interrupted build must not leave.
  std::vector<std::string> left_in_tmp() const {
    std::vector<std::string> left;
    std::error_code ignored;
    for (const auto& item : fs::directory_iterator(cache_root() / "tmp", ignored))
      left.push_back(item.path().filename().string());
    return left;
  }
  std::size_t entries() const {
    std::size_t count = 0;
    std::error_code ignored;
    for (const auto& item : fs::directory_iterator(cache_root() / "kernels", ignored))
      if (item.path().filename().string().size() == 64) ++count;
    return count;
  }

  static bool any(const std::string&) { return true; }

  const TemporaryFolder folder_;
  std::vector<std::unique_ptr<Cache>> caches_;
  WatchedProgress progress_;
  StopSource stop_;
};

}  // namespace labctl::test
