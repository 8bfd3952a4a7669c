#include "build_commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace labctl {
namespace {

using testing::HasSubstr;
using testing::Not;

ModuleSource module_of(const std::string& name, std::vector<std::string> objects) {
  return {name, std::move(objects), {"-DX=1"}, {{"a.c", "text", "a.c"}}};
}

TEST(StandIn, OneNameServesEveryModuleOfOneSource) {
  const ModuleSource one = stand_in(module_of("hello-lkm", {"hello-lkm.o"}));
  const ModuleSource other = stand_in(module_of("other", {"other.o"}));
  EXPECT_EQ(make_kbuild(one), make_kbuild(other));
  EXPECT_THAT(make_kbuild(one), HasSubstr("-DX=1"));
  ASSERT_EQ(one.files.size(), 1U);
  EXPECT_THAT(one.files[0].bytes, HasSubstr("MODULE_LICENSE(\"GPL\")"));
  EXPECT_THAT(one.files[0].bytes, Not(HasSubstr("text"))) << "what a student wrote has no say in the commands";
}

TEST(StandIn, KeepsTheShapeOfOthers) {
  for (const auto& [name, objects] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"two", {"first.o", "second.o"}}, {"renamed", {"main.o"}}, {"odd+name", {"odd+name.o"}}}) {
    const ModuleSource model = stand_in(module_of(name, objects));
    EXPECT_EQ(model.module, name);
    EXPECT_EQ(model.objects, objects);
    EXPECT_EQ(model.files.size(), objects.size());
  }
}

TEST(BuildScript, HasTheCommandsWithoutMakesOwnLines) {
  const std::string printed =
      "make: Entering directory '/tree'\n"
      "test -e x || (\t\\\n"
      "/bin/false)\n"
      "make -f ./scripts/Makefile.build obj=/put \\\n"
      "single-build= \\\n"
      "need-builtin=1\n"
      "  gcc -c -o /put/m.o /put/m.c\n"
      "  printf '%s\n"
      "'   m.o > /put/m.mod\n"
      "/usr/bin/make -f ./scripts/Makefile.modpost\n"
      "  makeover /put/m.ko\n"
      "make[1]: Leaving directory '/tree'\n";
  EXPECT_EQ(build_script("export NM='nm'\n", printed, "/tree", "/put"),
            "export NM='nm'\n"
            "set -e\n"
            "cd '/tree'\n"
            "test -e x || (\t\\\n"
            "/bin/false)\n"
            "  gcc -c -o @build@/m.o @build@/m.c\n"
            "  printf '%s\n"
            "'   m.o > @build@/m.mod\n"
            "  makeover @build@/m.ko\n");
}

TEST(BuildScript, IsEmptyWhereThereIsNothingToRunOrNoWayToSayIt) {
  EXPECT_EQ(build_script("", "make: Nothing to be done\n", "/tree", "/put"), "");
  EXPECT_EQ(build_script("", "  gcc -c x.c\n", "/it's", "/b"), "");
  EXPECT_NE(build_script("", "  gcc -c x.c\n", "/its", "/b"), "");
}

TEST(ScriptFor, NamesTheModuleAndItsFolder) {
  const std::string script = "gcc -DN='\"labctl_stand_in\"' -o @build@/labctl-stand-in.o @build@/labctl-stand-in.c\n";
  EXPECT_EQ(script_for(script, module_of("hello-lkm", {"hello-lkm.o"}), "/b"),
            "gcc -DN='\"hello_lkm\"' -o /b/hello-lkm.o /b/hello-lkm.c\n");
  EXPECT_EQ(script_for("ld -o @build@/two.o @build@/a.o @build@/b.o\n", module_of("two", {"a.o", "b.o"}), "/else"),
            "ld -o /else/two.o /else/a.o /else/b.o\n");
}

}  // namespace
}  // namespace labctl
