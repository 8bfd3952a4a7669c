#include "kmod/module_source.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "temporary_folder.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;

class ModuleSourceTest : public testing::Test {
 protected:
  void put(const std::string& name) { std::ofstream(folder_ / name) << "/* " << name << " */\n"; }

  const test::TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(ModuleSourceTest, TakesTheNamedSourcesAndEveryHeader) {
  put("hello.c");
  put("hello.h");
  put("other.c");
  put("Makefile");
  auto source = collect_sources({"hello", {"hello.c"}, {}, {}}, folder_, false);
  ASSERT_TRUE(source) << source.error().message;
  ASSERT_EQ(source->files.size(), 2U);
  EXPECT_EQ(source->files[0].name, "hello.c");
  EXPECT_EQ(source->files[1].name, "hello.h");
  EXPECT_EQ(make_kbuild(*source), "obj-m := hello.o\nUBSAN_SANITIZE := y\nccflags-y := -g\n");
}

TEST_F(ModuleSourceTest, TheUsersOwnFileMayHaveAnotherName) {
  put("main.c");
  put("hello.mod.c");
  auto source = collect_sources({"hello", {"hello.c"}, {}, {}}, folder_, true);
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(make_kbuild(*source), "obj-m := hello.o\nhello-y := main.o\nUBSAN_SANITIZE := y\nccflags-y := -g\n");
  EXPECT_FALSE(collect_sources({"hello", {"hello.c"}, {}, {}}, folder_, false)) << "a lab's own module may not";
}

TEST_F(ModuleSourceTest, ALinkedFolderIsNoWayToAFile) {
  const test::TemporaryFolder elsewhere;
  std::ofstream(elsewhere.path() / "main.c") << "/* the solution */\n";
  fs::create_directory_symlink(elsewhere.path(), folder_ / "src");
  const ModuleSpec spec{"hello", {"src/main.c"}, {}, {}};
  auto linked = collect_sources(spec, folder_, true);
  ASSERT_FALSE(linked);
  EXPECT_EQ(linked.error().fault, Fault::module);
  EXPECT_NE(linked.error().message.find("src is a link"), std::string::npos) << linked.error().message;
  fs::remove(folder_ / "src");
  fs::create_directory(folder_ / "src");
  put("src/main.c");
  EXPECT_TRUE(collect_sources(spec, folder_, true)) << "the control";
}

TEST_F(ModuleSourceTest, MissingSourcesOfTheLabAreTheLabsFault) {
  auto none = collect_sources({"hello", {"hello.c"}, {}, {}}, folder_, false);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::usage);
}

TEST_F(ModuleSourceTest, MissingSourcesAreTheModulesFault) {
  auto none = collect_sources({"hello", {"hello.c"}, {}, {}}, folder_, true);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::module);
  EXPECT_NE(none.error().hint.find("no .c file at all"), std::string::npos);
  put("a.c");
  put("b.c");
  auto two = collect_sources({"hello", {"hello.c"}, {}, {}}, folder_, true);
  ASSERT_FALSE(two);
  EXPECT_NE(two.error().hint.find("a.c, b.c"), std::string::npos);
  auto nowhere = collect_sources({"hello", {"hello.c"}, {}, {}}, folder_ / "absent", true);
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().fault, Fault::usage);
}

TEST_F(ModuleSourceTest, AModuleOfSeveralSourcesMayHaveOneOfItsName) {
  put("core.c");
  put("util.c");
  auto source = collect_sources({"core", {"core.c", "util.c"}, {"-DX=1"}, {}}, folder_, false);
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(make_kbuild(*source),
            "obj-m := core.o\ncore-y := core_main.o util.o\nUBSAN_SANITIZE := y\nccflags-y := -g -DX=1\n");
}

TEST_F(ModuleSourceTest, LinksAndStrangeNamesAreRefused) {
  put("hello.c");
  fs::create_symlink("/etc/hostname", folder_ / "s.h");
  auto link = collect_sources({"hello", {"hello.c"}, {}, {}}, folder_, true);
  ASSERT_FALSE(link);
  EXPECT_EQ(link.error().fault, Fault::module);
  EXPECT_NE(link.error().message.find("s.h is not a plain file"), std::string::npos) << link.error().message;
  fs::remove(folder_ / "s.h");
  ASSERT_TRUE(collect_sources({"hello", {"hello.c"}, {}, {}}, folder_, true)) << "the control";

  fs::rename(folder_ / "hello.c", folder_ / "$(shell id).c");
  auto command = collect_sources({"hello", {"hello.c"}, {}, {}}, folder_, true);
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().fault, Fault::module);
  EXPECT_NE(command.error().message.find("cannot be the name"), std::string::npos) << command.error().message;
}

TEST_F(ModuleSourceTest, MessagesNameTheUsersFiles) {
  put("hello.c");
  auto source = collect_single_file({"hello", {"hello.c"}, {}, {}}, folder_ / "hello.c");
  ASSERT_TRUE(source);
  const std::string kept = kept_messages(
      "/tmp/b1/build/hello.c:3:1: error: expected ';' (/tmp/b1/build/other.h)\nmake[1]: *** [x] Error 1\n"
      "make: *** [y] Error 2\n",
      "/tmp/b1/build");
  EXPECT_EQ(kept, "<build>/hello.c:3:1: error: expected ';' (<build>/other.h)\n") << "nothing of whose it is";
  EXPECT_EQ(readable_messages(kept, *source), (folder_ / "hello.c").string() + ":3:1: error: expected ';' (other.h)\n");
  source->files[0].shown = "another's/folder/hello.c";
  EXPECT_EQ(readable_messages(kept, *source), "another's/folder/hello.c:3:1: error: expected ';' (other.h)\n");
}

}  // namespace
}  // namespace labctl
