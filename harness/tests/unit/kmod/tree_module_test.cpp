// Modules in source trees, and the small edits that make variants.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "kmod/module_source.hpp"
#include "tree_fixture.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class TreeModule : public TreeFixture {
 protected:
  TreeModule() {
    put("klib.c", "int klib;\n");
    put("klib.h", "extern int klib;\n");
    put("ch1/pair/pair.c", "int pair;\n\treturn 0;\n");
    put("ch1/pair/pair.h", "\n");
    put("ch1/pair/other.c", "int other;\n");
    put("ch1/pair/Makefile", "obj-m := pair.o\n");
    spec_.name = "pair";
    spec_.sources = {"pair.c", "../../klib.c"};
    spec_.tree = "book";
    spec_.folder = "ch1/pair";
  }

  std::shared_ptr<const SourceTree> tree() const {
    return std::make_shared<const SourceTree>(read_tree(root_, {}).value());
  }
  Result<ModuleSource> collect() const { return collect_from_tree(spec_, tree()); }
  void replace(const std::string& file, const std::string& line, const std::string& with) {
    spec_.replace.push_back({file, line, with, {"lab.yaml", 7, 3}});
  }
  // What is wrong; of the lab's author in any case.
  static Error error_of(const Result<ModuleSource>& source) {
    EXPECT_FALSE(source);
    if (source) return {};
    EXPECT_EQ(source.error().fault, Fault::usage) << source.error().message;
    return source.error();
  }

  ModuleSpec spec_;
};

TEST_F(TreeModule, SourcesMayClimbToTheRoot) {
  const auto source = collect();
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_THAT(names(*source), ElementsAre("ch1/pair/pair.h", "ch1/pair/pair_main.c", "klib.c"));
  EXPECT_THAT(source->objects, ElementsAre("pair_main.o", "../../klib.o"));
  EXPECT_EQ(source->folder, "ch1/pair");
  EXPECT_THAT(make_kbuild(*source), HasSubstr("pair-y := pair_main.o ../../klib.o\n"));
}

TEST_F(TreeModule, TheNameThatMakesWayIsNotTaken) {
  put("ch1/pair/pair_main.c", "int taken;\n");
  spec_.sources = {"pair.c", "pair_main.c"};
  const auto source = collect();
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_THAT(source->objects, ElementsAre("pair_main_.o", "pair_main.o"));
}

TEST_F(TreeModule, ALinkMakesWayLikeAFile) {
  put("shared/pair.c", "int shared;\n");
  fs::remove(root_ / "ch1/pair/pair.c");
  fs::create_symlink("../../shared/pair.c", root_ / "ch1/pair/pair.c");
  spec_.sources = {"pair.c", "other.c", "../../shared/pair.c"};
  replace("pair.c", "int shared;", "int changed;");
  const auto source = collect();
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_THAT(source->objects, ElementsAre("pair_main.o", "other.o", "../../shared/pair.o"));
  EXPECT_THAT(names(*source),
              ElementsAre("ch1/pair/other.c", "ch1/pair/pair.h", "ch1/pair/pair_main.c", "shared/pair.c"));
  EXPECT_EQ(source->files[2].bytes, "int changed;\n");
  EXPECT_EQ(source->files[2].shown, source->files[3].shown) << "messages name the file that is there";
}

TEST_F(TreeModule, FlagsNameFoldersOfTheModules) {
  spec_.cflags = {"-I../../include", "-I/usr/include", "-DX"};
  EXPECT_THAT(make_kbuild(collect().value()), HasSubstr("ccflags-y := -g -I$(src)/../../include -I/usr/include -DX\n"));
}

TEST_F(TreeModule, WhatIsNotThereIsTheAuthors) {
  spec_.sources = {"none.c"};
  EXPECT_THAT(error_of(collect()).hint, HasSubstr("other.c, pair.c"));
  spec_.folder = "ch2";
  EXPECT_THAT(error_of(collect()).message, HasSubstr("book/ch2"));
}

TEST_F(TreeModule, LinksThatLeaveTheTreeAreRefusedByName) {
  fs::create_symlink("/etc/hostname", root_ / "ch1/host.h");
  const Error error = error_of(collect());
  EXPECT_THAT(error.message, HasSubstr("book/ch1/host.h is a link that leaves the tree"));
  fs::remove(root_ / "ch1/host.h");
  fs::create_directory(root_ / "ch2");
  fs::create_symlink("/etc/hostname", root_ / "ch2/host.h");
  EXPECT_TRUE(collect()) << "one that does not concern the module";
}

TEST_F(TreeModule, AFolderWithItsOwnMakefile) {
  spec_.own_makefile = true;
  spec_.sources = {"pair.c"};
  auto source = collect();
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_TRUE(source->own_makefile);
  EXPECT_THAT(names(*source), ElementsAre("ch1/pair/pair.c", "ch1/pair/pair.h"));
  spec_.name = "both";  // made of both, as the makefile knows
  spec_.sources = {"both.c"};
  source = collect();
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_THAT(names(*source), ElementsAre("ch1/pair/other.c", "ch1/pair/pair.c", "ch1/pair/pair.h"));
  fs::remove(root_ / "ch1/pair/Makefile");
  EXPECT_THAT(error_of(collect()).message, HasSubstr("neither Kbuild nor Makefile"));
}

TEST_F(TreeModule, ASubmissionTakesTheFoldersPlace) {
  const fs::path own = temporary_.path() / "own";
  fs::create_directory(own);
  std::ofstream(own / "pair.c") << "int mine;\n";
  std::ofstream(own / "Makefile") << "$(error)\n";
  spec_.own_makefile = true;
  replace("pair.c", "return 0;", "return 1;");
  auto submission = collect_sources(spec_, own, true);
  ASSERT_TRUE(submission) << submission.error().message;
  const auto placed = place_in_tree(std::move(*submission), spec_, *tree());
  ASSERT_TRUE(placed) << placed.error().message;
  EXPECT_FALSE(placed->own_makefile);
  EXPECT_THAT(names(*placed), ElementsAre("ch1/pair/pair_main.c", "klib.c"));
  EXPECT_EQ(placed->files[0].bytes, "int mine;\n");
  EXPECT_TRUE(placed->files[0].own);
  EXPECT_FALSE(placed->files[1].own) << "the lab's";
  EXPECT_THAT(placed->objects, ElementsAre("pair_main.o", "../../klib.o"));
  ASSERT_TRUE(placed->tree);
  EXPECT_EQ(placed->tree->files.size(), 1U) << "klib.h";

  const auto single = collect_single_file(spec_, own / "pair.c");
  ASSERT_TRUE(single) << "one file of its own is all that it must have";
  EXPECT_THAT(place_in_tree(*single, spec_, *tree())->objects, ElementsAre("pair_main.o", "../../klib.o"));
}

TEST_F(TreeModule, MessagesNameTheTreesFiles) {
  const std::string shown =
      readable_messages(kept_messages("/build/ch1/pair/../../klib.c:1:5: error: here\nIn file included from "
                                      "/build/klib.h:1,\n/build/ch1/pair/pair.ko\n"
                                      "/build/ch1/pair/pair_main.c:2: x, see '/build/ch1/pair/other.c'\n",
                                      "/build"),
                        collect().value());
  const std::string root = fs::canonical(root_).string();
  EXPECT_EQ(shown, root + "/klib.c:1:5: error: here\nIn file included from " + root + "/klib.h:1,\nch1/pair/pair.ko\n" +
                       root + "/ch1/pair/pair.c:2: x, see '" + root + "/ch1/pair/other.c'\n");
}

TEST_F(TreeModule, ALineIsReplaced) {
  replace("pair.c", "  return 0; ", "\tklib++;\n\treturn -5;");
  replace("pair.c", "klib++;", "");
  replace("../../klib.h", "extern int klib;", "extern long klib;");
  replace("Makefile", "obj-m := pair.o", "obj-m := other.o\n");
  const auto source = collect();
  ASSERT_TRUE(source) << source.error().message;
  std::map<std::string, std::string> texts;
  for (const auto& file : source->files)
    texts[file.name] = file.bytes;
  EXPECT_EQ(texts["ch1/pair/pair_main.c"], "int pair;\n\n\treturn -5;\n");
  EXPECT_EQ(texts["klib.h"], "extern long klib;\n");
  EXPECT_EQ(texts["ch1/pair/Makefile"], "obj-m := other.o\n");
}

TEST_F(TreeModule, ALineMustBeThereOnce) {
  replace("pair.c", "retrun 0;", "");
  Error error = error_of(collect());
  EXPECT_THAT(error.message, HasSubstr("lab.yaml:7:3: pair.c has no line \"retrun 0;\""));
  EXPECT_THAT(error.hint, HasSubstr("the nearest is line 2: \"return 0;\""));
  put("ch1/pair/pair.c", "return 0;\n  return 0;\n");
  spec_.replace.clear();
  replace("pair.c", "return 0;", "");
  error = error_of(collect());
  EXPECT_THAT(error.message, HasSubstr("pair.c has line \"return 0;\" 2 times: from line 1, 2"));
  put("ch1/pair/pair.c", "int a;\n\n\treturn 0;\n}\nreturn 0;\n");
  spec_.replace.clear();
  replace("pair.c", "\nint a;\n\n  return 0;\n}\n", "int b;");
  const auto source = collect();
  ASSERT_TRUE(source) << source.error().message;
  const auto pair = std::find_if(source->files.begin(), source->files.end(),
                                 [](const SourceFile& file) { return file.name == "ch1/pair/pair_main.c"; });
  ASSERT_NE(pair, source->files.end());
  EXPECT_EQ(pair->bytes, "int b;\nreturn 0;\n") << "several lines that follow each other";
  spec_.replace[0].line = "int a;\nreturn 0;";
  EXPECT_THAT(error_of(collect()).message, HasSubstr("pair.c has no 2 lines that begin with \"int a;\""));
  spec_.replace.clear();
  replace("none.c", "return 0;", "");
  EXPECT_THAT(error_of(collect()).message, HasSubstr("none.c is no file of module pair"));
}

TEST_F(TreeModule, AVariantOfAPlainModule) {
  ModuleSpec plain{"pair", {"pair.c"}, {}, {}};
  plain.replace = {{"pair.c", "return 0;", "return 1;", {}}};
  const fs::path folder = root_ / "ch1/pair";
  EXPECT_THAT(collect_sources(plain, folder, false)->files[0].bytes, HasSubstr("return 1;"));
  EXPECT_THAT(collect_sources(plain, folder, true)->files[0].bytes, HasSubstr("return 0;")) << "a submission";
  plain.replace[0].line = "return 2;";
  EXPECT_THAT(error_of(collect_sources(plain, folder, false)).hint, HasSubstr("return 0;"));
  EXPECT_TRUE(collect_sources(plain, folder, true));
}

}  // namespace
}  // namespace labctl
