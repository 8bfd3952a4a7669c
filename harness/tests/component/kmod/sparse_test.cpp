// What is kept of a build, and whose fault it is when sparse crashes: with kbuild and sparse played by scripts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "kmod/module_builder.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Does what kbuild does, so far as a module's build can tell: C=2 has CHECK read every source.
constexpr const char* makefile = R"make(include $(M)/Kbuild
modules:
	@for file in $(M)/*.c; do \
	  if [ -n "$(C)" ]; then $(CHECK) -D__CHECKER__ $$file || exit 1; fi; \
	  gcc -c -Iinclude -o $$file.o $$file || exit 1; done
	@ld -r -o $(M)/$(obj-m:.o=.ko) $(M)/*.c.o
	@touch $(M)/Module.symvers
)make";

// Does what the comments of the file that it reads say.
constexpr const char* sparse = R"(#!/bin/sh
for file; do :; done
if grep -q CRASH $file; then kill -SEGV $$; fi
if grep -q KILL $file; then kill -KILL $$; fi
if grep -q ERROR $file; then echo "$file:2:1: error: no C" >&2; exit 1; fi
if grep -q WARNING $file; then echo "$file:1:5: warning: not declared" >&2; fi
)";

class SparseTest : public testing::Test {
 protected:
  SparseTest() {
    put("kernel/headers/Makefile", makefile);
    put("kernel/headers/include/linux/module.h", "#define MODULE_LICENSE(name) extern int licence\n");
    fs::permissions(put("bin/sparse", sparse), fs::perms::owner_all);
    ::setenv("PATH", ((folder_.path() / "bin").string() + ":" + path_).c_str(), 1);
    options_.sandbox = Sandbox::off;
    options_.commands = BuildCommands::kbuild;
    options_.sparse = true;
  }
  ~SparseTest() override { ::setenv("PATH", path_.c_str(), 1); }

  fs::path put(const std::string& name, const std::string& text) const {
    const fs::path file = folder_.path() / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file;
  }
  // shown: what its author calls it.
  Result<BuildResult> build(const std::string& text, const fs::path& shown = "mine/m.c", bool own = true) const {
    const ModuleSource source{"m", {"m.o"}, {}, {{"m.c", text, shown, own}}};
    return build_module(cache_, kernel_, source, options_, {});
  }
  static void expect_no_verdict(const Result<BuildResult>& built) {
    ASSERT_FALSE(built);
    EXPECT_EQ(built.error().fault, Fault::harness);
    EXPECT_THAT(built.error().message, HasSubstr("sparse could not check module m"));
  }

  const test::TemporaryFolder folder_;
  const std::string path_ = std::getenv("PATH");
  const Cache cache_ = Cache::open(folder_.path() / "cache").value();
  const Kernel kernel_{{"5.4", "5.4.286", "release", "key"}, folder_.path() / "kernel"};
  ModuleBuildOptions options_;
};

TEST_F(SparseTest, FindsWhatItFinds) {
  const auto clean = build("int clean;\n");
  ASSERT_TRUE(clean) << clean.error().message;
  ASSERT_TRUE(clean->succeeded) << clean->output;
  EXPECT_THAT(clean->sparse.value(), IsEmpty());
  EXPECT_EQ(clean->unreadable, "");
  const auto warned = build("int other; // WARNING\n");
  ASSERT_TRUE(warned) << warned.error().message;
  EXPECT_THAT(warned->sparse.value(), ElementsAre("mine/m.c:1:5: warning: not declared"));
  const auto refused = build("int other; // ERROR\n");
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_THAT(refused->sparse.value(), ElementsAre("mine/m.c:2:1: error: no C"));
}

// The second has the same bytes, and is not built.
TEST_F(SparseTest, EveryUserSeesTheirOwnPath) {
  const std::string text = "#warning unfinished // WARNING\n";
  const auto first = build(text, "first/m.c");
  ASSERT_TRUE(first) << first.error().message;
  const auto second = build(text, "second/m.c");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_FALSE(first->cached);
  EXPECT_TRUE(second->cached);
  EXPECT_THAT(first->output, HasSubstr("first/m.c:1:2: warning: "));
  EXPECT_THAT(second->output, HasSubstr("second/m.c:1:2: warning: "));
  EXPECT_THAT(second->output, testing::Not(HasSubstr("first")));
  EXPECT_THAT(second->sparse.value(), ElementsAre("second/m.c:1:5: warning: not declared"));
  EXPECT_EQ(second->warnings, 1);
}

TEST_F(SparseTest, ACrashOnTheAuthorsFileIsTheAuthors) {
  for (const char* whose : {"first/m.c", "second/m.c"}) {
    const auto built = build("int odd; // CRASH\n", whose);
    ASSERT_TRUE(built) << built.error().message;
    EXPECT_TRUE(built->succeeded) << "the compiler takes it";
    EXPECT_EQ(built->unreadable, std::string("sparse crashes on ") + whose + " (SIGSEGV)");
  }
}

TEST_F(SparseTest, ACrashOnEveryFileIsNoModules) {
  put("bin/sparse", "#!/bin/sh\nkill -SEGV $$\n");
  expect_no_verdict(build("int odd; // CRASH\n"));
}

TEST_F(SparseTest, ACrashOnTheLabsFileIsNoModules) {
  expect_no_verdict(build("int odd; // CRASH\n", "lab/m.c", false));
}

// A host that is short of memory kills it so.
TEST_F(SparseTest, WhatTheHostKilledIsNoModules) {
  expect_no_verdict(build("int odd; // KILL\n"));
}

}  // namespace
}  // namespace labctl
