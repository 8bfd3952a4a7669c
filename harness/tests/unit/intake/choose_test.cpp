#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "intake/submission.hpp"

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Contents contents(const std::vector<std::string>& paths) {
  Contents made;
  for (const auto& path : paths)
    made.items.push_back({path, ItemKind::file, path.ends_with(".c") || path.ends_with(".h") ? "text of " + path : ""});
  return made;
}

std::vector<std::string> names(const Submission& submission) {
  std::vector<std::string> all;
  for (const auto& file : submission.files)
    all.push_back(file.name + " from " + file.path);
  return all;
}

TEST(Choose, TakesTheLabsSourcesAndTheHeadersBesideThem) {
  const auto chosen = choose_sources(contents({"a.c", "b.c", "b.h", "notes.txt", "sub/other.h"}), {"a.c", "b.c"});
  EXPECT_THAT(chosen.refusals, IsEmpty());
  EXPECT_THAT(names(chosen), ElementsAre("a.c from a.c", "b.c from b.c", "b.h from b.h"));
  EXPECT_THAT(chosen.notes, ElementsAre(HasSubstr("notes.txt, sub/other.h")));
  EXPECT_EQ(chosen.files[0].bytes, "text of a.c");
}

TEST(Choose, FindsThemInAFolder) {
  const auto chosen = choose_sources(contents({"hw1/src/a.c", "hw1/src/a.h", "hw1/README.md"}), {"a.c"});
  EXPECT_THAT(names(chosen), ElementsAre("a.c from hw1/src/a.c", "a.h from hw1/src/a.h"));
  EXPECT_THAT(chosen.notes, testing::Contains(HasSubstr("found in hw1/src/")));
}

TEST(Choose, TakesTheOnlySourceUnderAnotherNameWhereTheLabHasOne) {
  const auto chosen = choose_sources(contents({"final_v2.c"}), {"a.c"});
  EXPECT_THAT(names(chosen), ElementsAre("final_v2.c from final_v2.c"));
  EXPECT_THAT(choose_sources(contents({"final_v2.c"}), {"a.c", "b.c"}).refusals,
              ElementsAre(HasSubstr("a.c, b.c are not there; the .c files are: final_v2.c")));
  EXPECT_THAT(choose_sources(contents({"x.c", "y.c"}), {"a.c"}).refusals, ElementsAre(HasSubstr("x.c, y.c")));
}

TEST(Choose, SaysWhatIsLeftOut) {
  const auto chosen = choose_sources(
      contents({"Makefile", "Kbuild", "a.c", "a.ko", "a.mod.c", "b.o_shipped", "x.S", ".hidden.c", ".DS_Store"}),
      {"a.c"});
  EXPECT_THAT(names(chosen), ElementsAre("a.c from a.c"));
  EXPECT_THAT(chosen.notes, ElementsAre(HasSubstr("by its own rules: Makefile, Kbuild"),
                                        HasSubstr("built anew: a.ko, a.mod.c, b.o_shipped, x.S"),
                                        HasSubstr("does not ask for it: .hidden.c")));
}

TEST(Choose, RefusesWhatIsNotClear) {
  EXPECT_THAT(choose_sources(contents({}), {"a.c"}).refusals, ElementsAre("nothing was handed in"));
  EXPECT_THAT(choose_sources(contents({"readme.txt"}), {"a.c"}).refusals, ElementsAre(HasSubstr("no .c file at all")));
  EXPECT_THAT(choose_sources(contents({"new/a.c", "old/a.c"}), {"a.c"}).refusals,
              ElementsAre(HasSubstr("several a.c: new/a.c, old/a.c")));
  EXPECT_THAT(choose_sources(contents({"x/a.c", "y/b.c"}), {"a.c", "b.c"}).refusals,
              ElementsAre(HasSubstr("in different folders")));
  // One at the top is the one that is meant.
  EXPECT_THAT(names(choose_sources(contents({"a.c", "old/a.c"}), {"a.c"})), ElementsAre("a.c from a.c"));
}

TEST(Choose, RefusesWhatIsNoSource) {
  auto linked = contents({"a.c"});
  linked.items.push_back({"b.h", ItemKind::link, ""});
  EXPECT_THAT(choose_sources(linked, {"a.c"}).refusals, ElementsAre(HasSubstr("\"b.h\" is a link")));
  auto device = contents({"a.c"});
  device.items.push_back({"pipe", ItemKind::other, ""});
  EXPECT_THAT(choose_sources(device, {"a.c"}).refusals, ElementsAre(HasSubstr("\"pipe\" is not a file")));
  EXPECT_THAT(choose_sources(contents({"A.c", "a.c"}), {"a.c"}).refusals,
              ElementsAre(HasSubstr("one file on many systems")));
  auto binary = contents({"a.c"});
  binary.items[0].bytes = std::string(
      "\x7f"
      "ELF\0",
      5);
  EXPECT_THAT(choose_sources(binary, {"a.c"}).refusals, ElementsAre(HasSubstr("is a program")));
  binary.items[0].bytes = std::string("i\0n\0t\0", 6);
  EXPECT_THAT(choose_sources(binary, {"a.c"}).refusals, ElementsAre(HasSubstr("is not text")));
  EXPECT_THAT(choose_sources(contents({"$(touch x).c"}), {"a.c"}).refusals,
              ElementsAre(HasSubstr("cannot be the name")));
  // What is refused gives nothing, whatever else is there.
  EXPECT_THAT(choose_sources(binary, {"a.c"}).files, IsEmpty());
}

TEST(Choose, TheDigestIsThatOfWhatWasTaken) {
  const auto one = choose_sources(contents({"a.c"}), {"a.c"});
  EXPECT_EQ(one.digest, choose_sources(contents({"a.c", "notes.txt"}), {"a.c"}).digest);
  auto other = contents({"a.c"});
  other.items[0].bytes += " ";
  EXPECT_NE(one.digest, choose_sources(other, {"a.c"}).digest);
}

}  // namespace
}  // namespace labctl
