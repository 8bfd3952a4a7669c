#include "kmod/source_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tree_fixture.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SourceTreeTest : public TreeFixture {
 protected:
  SourceTree read() const { return read_tree(root_, {}).value(); }
};

TEST_F(SourceTreeTest, HasSourcesButNotWhatBuildsLeaveBehind) {
  for (const char* name : {"klib.c", "ch1/a.c", "ch1/Makefile", "ch1/a.o", "ch1/a.ko", "ch1/a.mod", "ch1/a.mod.c",
                           "ch1/.a.o.cmd", "ch1/Module.symvers", "ch1/modules.order", ".git/config", ".tmp_versions/a"})
    put(name);
  const SourceTree tree = read();
  EXPECT_THAT(names(tree), ElementsAre("ch1/Makefile", "ch1/a.c", "klib.c"));
  ASSERT_NE(tree.find("ch1/a.c"), nullptr);
  EXPECT_EQ(tree.find("ch1/a.c")->bytes, "x\n");
  EXPECT_EQ(tree.find("a.c"), nullptr);
  EXPECT_TRUE(tree.has_folder("ch1"));
  EXPECT_TRUE(tree.has_folder(""));
  EXPECT_FALSE(tree.has_folder("ch"));
}

TEST_F(SourceTreeTest, LinksInsideAreKept) {
  put("klib.h");
  put("common/deep/util.h");
  put("ch1/a.c");
  fs::create_symlink("../klib.h", root_ / "ch1/klib.h");
  fs::create_symlink(root_ / "common", root_ / "ch1/shared");  // absolute: made relative
  fs::create_symlink("nowhere.h", root_ / "ch1/dangling.h");
  fs::create_symlink("circle", root_ / "ch1/circle");
  fs::create_directory(root_ / "ch2");
  fs::create_symlink("../ch1/a.c", root_ / "ch2/a.c");
  const SourceTree tree = read();
  EXPECT_TRUE(tree.has_folder("ch2")) << "a link is something, too";
  ASSERT_EQ(tree.links.size(), 3U);
  EXPECT_EQ(tree.links[0].target, "../klib.h");
  EXPECT_EQ(tree.links[1].target, "../common");
  EXPECT_EQ(tree.resolved("ch1/klib.h"), "klib.h");
  EXPECT_EQ(tree.resolved("ch1/shared/deep/util.h"), "common/deep/util.h");
  EXPECT_EQ(tree.resolved("ch1/a.c"), "ch1/a.c");
  EXPECT_THAT(tree.escaping, IsEmpty());

  const fs::path copy = temporary_.path() / "copy";
  fs::create_directory(copy);
  ASSERT_TRUE(write_tree(tree, copy));
  EXPECT_TRUE(fs::is_symlink(copy / "ch1/klib.h"));
  EXPECT_TRUE(fs::is_regular_file(copy / "ch1/shared/deep/util.h"));
}

TEST_F(SourceTreeTest, LinksThatLeaveAreNamed) {
  put("ch1/a.c");
  std::ofstream(temporary_.path() / "secret") << "x";
  fs::create_symlink("../../secret", root_ / "ch1/up");
  fs::create_symlink("/etc/passwd", root_ / "ch1/away");
  fs::create_symlink("/nowhere/at/all", root_ / "ch1/dangling");
  fs::create_symlink("..", root_ / "ch1/root_of_it");  // stays
  const SourceTree tree = read();
  EXPECT_THAT(tree.escaping, ElementsAre("ch1/away", "ch1/dangling", "ch1/up"));
  EXPECT_EQ(tree.links.size(), 1U);
}

TEST_F(SourceTreeTest, TheDigestHoldsAllThatABuildCanSee) {
  put("klib.h", "1\n");
  put("ch1/run.sh");
  const std::string first = read().digest;
  EXPECT_EQ(read().digest, first);
  put("klib.h", "2\n");
  const std::string changed = read().digest;
  EXPECT_NE(changed, first);
  fs::permissions(root_ / "ch1/run.sh", fs::perms::owner_all);
  const std::string executable = read().digest;
  EXPECT_NE(executable, changed);
  fs::create_symlink("klib.h", root_ / "link.h");
  EXPECT_NE(read().digest, executable);
}

TEST_F(SourceTreeTest, IsBounded) {
  put("a.c", std::string(1000, 'x'));
  put("b.c", std::string(1000, 'x'));
  Limits limits;
  limits.tree_bytes = 1500;
  auto large = read_tree(root_, limits);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().fault, Fault::usage);
  EXPECT_THAT(large.error().hint, HasSubstr("further down"));
  limits = {};
  limits.tree_files = 1;
  EXPECT_FALSE(read_tree(root_, limits));
  limits.tree_files = 2;
  EXPECT_TRUE(read_tree(root_, limits)) << "the control";
  auto nowhere = read_tree(root_ / "none", {});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().fault, Fault::usage);
}

TEST_F(SourceTreeTest, ASubmissionSeesHeadersElsewhere) {
  put("klib.h");
  put("klib.c");
  put("ch1/task/solution.c");
  put("ch1/task/solution.h");
  put("ch1/task/Makefile");
  put("ch1/other.h");
  EXPECT_THAT(names(shared_part(read(), "ch1/task")), ElementsAre("ch1/other.h", "klib.h"));
  EXPECT_THAT(names(shared_part(read(), "")), IsEmpty());
}

TEST(PathInTree, IsNormal) {
  EXPECT_EQ(path_in_tree("ch1/a", "../../klib.c"), "klib.c");
  EXPECT_EQ(path_in_tree("ch1/a", "./x.c"), "ch1/a/x.c");
  EXPECT_EQ(path_in_tree("", "x.c"), "x.c");
  EXPECT_EQ(path_in_tree("", "../x.c"), "../x.c");
  EXPECT_EQ(path_in_tree("a", ".."), "");
}

}  // namespace
}  // namespace labctl
