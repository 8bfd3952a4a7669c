#include "kmod/exported_symbols.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ModuleSource module(const std::string& name, const std::string& text) {
  return {name, {name + ".o"}, {}, {{name + ".c", text, name + ".c"}}, {}};
}

std::vector<std::vector<std::size_t>> used_of(const std::vector<ModuleSource>& modules) {
  std::vector<SymbolNames> names;
  for (const auto& each : modules)
    names.push_back(symbol_names(each));
  return used_modules(names);
}

TEST(ExportedSymbols, AreInEveryKindOfExport) {
  EXPECT_THAT(symbol_names(module("m",
                                  "EXPORT_SYMBOL(one);\nEXPORT_SYMBOL_GPL( two );\n"
                                  "EXPORT_SYMBOL_NS_GPL(three, SPACE);\nMY_EXPORT_SYMBOL(four);\n"))
                  .exported,
              ElementsAre("one", "three", "two"));
  EXPECT_THAT(symbol_names(module("m", "/* EXPORT_SYMBOL */ EXPORT_SYMBOL(")).exported, IsEmpty());
}

TEST(ExportedSymbols, AModuleComesAfterThoseItUses) {
  const auto used = used_of({module("top", "long mid_a(void); x = mid_a() + base_a();"),
                             module("middle", "EXPORT_SYMBOL(mid_a); y = base_a();"),
                             module("base", "EXPORT_SYMBOL_GPL(base_a);"), module("alone", "z = mid_abc;")});
  EXPECT_THAT(used, ElementsAre(ElementsAre(1, 2), ElementsAre(2), IsEmpty(), IsEmpty()));
  EXPECT_THAT(build_order(used), ElementsAre(2, 1, 0, 3));
}

TEST(ExportedSymbols, TheSameExportTwiceIsNoUse) {
  EXPECT_THAT(used_of({module("student", "EXPORT_SYMBOL(add);"), module("reference", "EXPORT_SYMBOL(add);")}),
              ElementsAre(IsEmpty(), IsEmpty()));
}

TEST(ExportedSymbols, ACircleHasSomeOrder) {
  EXPECT_THAT(build_order({{1}, {0}, {}}), ElementsAre(2, 0, 1));
}

TEST(ExportedSymbols, OnlyWhatIsUsedIsGiven) {
  const std::string symvers =
      "0x00000000\tadd\t/build/a\tEXPORT_SYMBOL\t\n0x00000000\tadd\t/build/b\tEXPORT_SYMBOL\t\n"
      "0x00000000\tsub\t/build/a\tEXPORT_SYMBOL\t\nno line of it\n";
  EXPECT_EQ(symbols_used(symbol_names(module("m", "add(sub2);")), symvers),
            "0x00000000\tadd\t/build/a\tEXPORT_SYMBOL\t\n");
  EXPECT_EQ(symbols_used(symbol_names(module("m", "EXPORT_SYMBOL(add);")), symvers), "");
}

TEST(ExportedSymbols, KbuildIsToldWhereTheyAre) {
  ModuleSource source = module("m", "add();");
  source.symbols = "0x00000000\tadd\t/build/a\tEXPORT_SYMBOL\t\n";
  EXPECT_NE(make_kbuild(source).find("\nKBUILD_EXTRA_SYMBOLS := $(obj)/used.symvers\n"), std::string::npos);
}

TEST(UsedModules, LooksIntoWhatIsIncludedOfATree) {
  auto tree = std::make_shared<SourceTree>();
  tree->files = {{"include/a_api.h", "int a_do(void);\nstatic inline int twice(void) { return 2 * a_do(); }\n", false},
                 {"klib.c", "int a_do(void) { return 1; }\nEXPORT_SYMBOL_GPL(a_do);\n", false}};
  ModuleSource exporter{"a", {}, {}, {}};
  exporter.files.push_back({"a/a.c", "#include \"../klib.c\"\n", {}, true});
  exporter.tree = tree;
  ModuleSource user{"b", {}, {}, {}};
  user.files.push_back({"b/b.c", "#include \"../include/a_api.h\"\nint x(void) { return twice(); }\n", {}, true});
  user.tree = tree;
  ModuleSource stranger = user;
  stranger.files[0].bytes = "int y;\n";
  using Used = std::vector<std::vector<std::size_t>>;
  EXPECT_EQ(used_of({exporter, user}), (Used{{}, {0}}));
  EXPECT_EQ(used_of({exporter, stranger}), (Used{{}, {}})) << "the control";
}

}  // namespace
}  // namespace labctl
