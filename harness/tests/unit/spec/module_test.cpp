// What a module's item says beside its sources: trees, make variables, replacements.
#include <gmock/gmock.h>

#include "making.hpp"

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

std::string with_module(const std::string& keys) {
  return "lab: small\nmodules:\n- name: mod\n" + keys + "\ntests:\n- name: one\n  steps:\n  - load: mod\n";
}

TEST(Module, in_a_tree) {
  const LabReading reading = making::read(
      with_module("  tree: ../book\n  folder: ./ch4//hello/\n  makefile: own\n  sources: [hello.c, ../../klib.c]\n"
                  "  make: {WITH_LOG: 1, NAME_OF_IT: a b}\n"
                  "  replace:\n  - {file: ../../klib.h, line: \" a;\", with: \"\"}\n  - file: hello.c\n    line: b;\n"
                  "    with: |\n      c;\n      d;\n"));
  ASSERT_THAT(reading.diagnostics, IsEmpty()) << making::listing(reading);
  const ModuleSpec& module = reading.lab.modules.at(0);
  EXPECT_EQ(module.tree, "../book");
  EXPECT_EQ(module.folder, "ch4/hello");
  EXPECT_TRUE(module.own_makefile);
  EXPECT_THAT(module.sources, ElementsAre("hello.c", "../../klib.c"));
  EXPECT_THAT(module.make, ElementsAre(Pair("WITH_LOG", "1"), Pair("NAME_OF_IT", "a b")));
  ASSERT_EQ(module.replace.size(), 2U);
  EXPECT_EQ(module.replace[0].file, "../../klib.h");
  EXPECT_EQ(module.replace[0].line, " a;");
  EXPECT_EQ(module.replace[0].with, "");
  EXPECT_EQ(module.replace[1].with, "c;\nd;\n");
  EXPECT_EQ(module.replace[1].where.line, 11);
}

TEST(Module, is_generated_and_plain_by_default) {
  const LabReading reading = making::read(with_module("  tree: .\n  makefile: generated"));
  ASSERT_THAT(reading.diagnostics, IsEmpty()) << making::listing(reading);
  EXPECT_FALSE(reading.lab.modules.at(0).own_makefile);
  EXPECT_EQ(reading.lab.modules.at(0).folder, "");
  EXPECT_TRUE(making::read(with_module("")).lab.modules.at(0).tree.empty());
}

struct Wrong {
  const char* keys;
  const char* at;  // where the fault is
  const char* message;
  const char* hint;
};

void PrintTo(const Wrong& wrong, std::ostream* out) {
  *out << wrong.keys;
}

class WrongModule : public testing::TestWithParam<Wrong> {};

TEST_P(WrongModule, is_one_fault_in_its_place) {
  const Wrong& wrong = GetParam();
  const std::string text = with_module(wrong.keys);
  const LabReading reading = making::read(text);
  ASSERT_EQ(reading.diagnostics.size(), 1U) << making::listing(reading);
  EXPECT_EQ(making::place_of(reading.diagnostics[0]), making::place_of(text, wrong.at)) << making::listing(reading);
  EXPECT_THAT(reading.diagnostics[0].message, HasSubstr(wrong.message));
  EXPECT_THAT(reading.diagnostics[0].hint, HasSubstr(wrong.hint));
}

const Wrong wrong_modules[] = {
    {"  folder: ch1", "folder", "\"folder\" needs \"tree\"", "tree: PATH"},
    {"  makefile: own", "makefile", "\"makefile\" needs \"tree\"", "tree: PATH"},
    {"  tree: book\n  makefile: mine", "mine", "makefile", "own"},
    {"  tree: book\n  folder: ../ch1", "../ch1", "is outside the tree", "relative to the tree"},
    {"  tree: book\n  folder: /ch1", "/ch1", "is outside the tree", ""},
    {"  tree: book\n  folder: ch1/../..", "ch1/../..", "is outside the tree", ""},
    {"  tree: book\n  folder: ch 1", "ch 1", "cannot be given to make", ""},
    {"  tree: book\n  folder: ch1\n  sources: [a.c, ../../b.c]", "../../b.c", "is outside the module's tree", "../"},
    {"  tree: book\n  sources: [../a.c]", "../a.c", "is outside the module's tree", ""},
    {"  sources: [../a.c]", "../a.c", "is outside the module's folder", "below it"},
    {"  sources: [sub/../../a.c]", "sub/..", "is outside the module's folder", ""},
    {"  sources: [/a.c]", "/a.c", "is outside the module's folder", ""},
    {"  make: CC=clang", "CC=clang", "\"make\" is a map of variables", ""},
    {"  make: {}", "{}", "\"make\" is a map of variables", ""},
    {"  make: {CC: clang}", "CC", "CC is not the lab's to set", ""},
    {"  make: {M: /tmp}", "M: /tmp", "M is not the lab's to set", ""},
    {"  make: {MAKEFLAGS: -j9}", "MAKEFLAGS", "not the lab's to set", ""},
    {"  make: {KBUILD_EXTMOD: x}", "KBUILD_EXTMOD", "not the lab's to set", ""},
    {"  make: {KCFLAGS: -O0}", "KCFLAGS", "not the lab's to set", "\"cflags\""},
    {"  make: {option: x}", "option", "no name of a make variable", "capital"},
    {"  make: {1X: x}", "1X", "no name of a make variable", ""},
    {"  make: {X: '$(shell id)'}", "'$(shell", "is no value for make", "$"},
    {"  make: {X: \"a\\nb\"}", "\"a", "is no value for make", ""},
    {"  make: {X: \"it's\"}", "\"it's", "is no value for make", ""},
    {"  make: {X: [a]}", "[a]", "must be", ""},
    {"  replace: {file: a.c}", "{file", "must be a list", ""},
    {"  replace: [{file: a.c, line: x}]", "{file", "needs \"with\"", ""},
    {"  replace: [{file: a.c, lines: x, line: x, with: y}]", "lines", "unknown key \"lines\"", "\"line\""},
    {"  replace: [{file: ../a.c, line: x, with: y}]", "../a.c", "is outside the module's folder", ""},
    {"  replace: [{file: a.c, line: \" \", with: y}]", "\" \"", "\"line\" is empty", ""},
    {"  replace: [{file: a.c, line: \"\\n \\n\", with: y}]", "\"\\n", "\"line\" is empty", "several"},
};

INSTANTIATE_TEST_SUITE_P(All, WrongModule, testing::ValuesIn(wrong_modules));

}  // namespace
}  // namespace labctl
