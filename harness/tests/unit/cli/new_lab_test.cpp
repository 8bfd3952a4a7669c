#include "new_lab.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "spec/lab_reader.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Long names too: no line of the module may grow with them beyond what the kernel's checkpatch takes.
const std::string names[] = {"a", "my-lab", "3-locks", "x-", "true", std::string(55, 'n')};

TEST(NewLab, has_a_spec_without_errors) {
  for (const auto& name : names) {
    const auto files = new_lab_files(name);
    ASSERT_TRUE(files) << files.error().message;
    const LabFile& spec = files->back();
    EXPECT_EQ(spec.path, "lab.yaml");
    const LabReading reading = parse_lab("labs/" + name + "/lab.yaml", spec.bytes);
    for (const auto& diagnostic : reading.diagnostics)
      ADD_FAILURE() << format_diagnostic(spec.path, spec.bytes, diagnostic);
    EXPECT_EQ(reading.lab.id, name);
    EXPECT_EQ(reading.lab.modules.at(0).name, name);
    EXPECT_THAT(spec.bytes, StartsWith("# "));
  }
}

TEST(NewLab, has_the_module_where_labctl_looks_for_it) {
  for (const auto& name : names) {
    const auto files = new_lab_files(name);
    ASSERT_TRUE(files) << files.error().message;
    ASSERT_EQ(files->size(), 2U);
    EXPECT_EQ(files->front().path, "modules/" + name + "/" + name + ".c");
  }
}

TEST(NewLab, fills_every_place_of_its_templates) {
  const auto files = new_lab_files("my-lab");
  ASSERT_TRUE(files);
  for (const auto& file : *files)
    EXPECT_THAT(file.bytes, Not(HasSubstr("@"))) << file.path;
  EXPECT_THAT(files->back().bytes, HasSubstr("/sys/module/my_lab/parameters/")) << "to the kernel - is _";
}

TEST(NewLab, has_a_module_in_the_kernels_style) {
  const auto files = new_lab_files(std::string(55, 'n'));
  ASSERT_TRUE(files);
  const std::string& source = files->front().bytes;
  EXPECT_THAT(source, StartsWith("// SPDX-License-Identifier: GPL-2.0-only\n/*\n"));
  for (const char* part : {"#define pr_fmt(fmt)", "module_init(", "module_exit(", "MODULE_LICENSE(\"GPL\")"})
    EXPECT_THAT(source, HasSubstr(part));
  for (const auto line : split_lines(source)) {
    EXPECT_LE(line.size(), 100U) << line;
    EXPECT_FALSE(line.starts_with("  ") || line.ends_with(' ')) << line;
  }
}

// What one file says the other must hold to; an end-to-end test runs them.
TEST(NewLab, has_a_test_for_each_kind_of_thing_its_module_does) {
  const auto files = new_lab_files("my-lab");
  ASSERT_TRUE(files);
  const LabReading reading = parse_lab("lab.yaml", files->back().bytes);
  std::set<std::string> kinds;
  for (const auto& test : reading.lab.tests) {
    EXPECT_FALSE(test.hint.empty()) << test.name;
    EXPECT_TRUE(test.points) << test.name;
    for (const auto& step : test.steps)
      kinds.insert(step_kind(step));
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"dmesg", "load", "read", "unload"}));
}

TEST(NewLab, refuses_names_that_a_lab_cannot_have) {
  for (const std::string name :
       {"", "-a", "Lab", "my_lab", "a b", "a/b", "..", "a\nb: c", "\xC3\xA9", "\x1b[2J", "@NAME@"}) {
    const auto files = new_lab_files(name);
    ASSERT_FALSE(files) << name;
    EXPECT_EQ(files.error().fault, Fault::usage);
    EXPECT_EQ(files.error().message, printable(files.error().message));
    EXPECT_THAT(files.error().hint, HasSubstr("as in: labctl lab new "));
  }
  EXPECT_FALSE(new_lab_files(std::string(65, 'a')));
}

TEST(NewLab, refuses_names_that_its_module_cannot_have) {
  const auto too_long = new_lab_files(std::string(56, 'a'));
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().fault, Fault::usage);
  EXPECT_THAT(too_long.error().message, HasSubstr("is no name of a module"));
  EXPECT_THAT(too_long.error().hint, HasSubstr("at most 55"));
  EXPECT_FALSE(new_lab_files("null"));
}

TEST(NewLab, offers_the_name_that_was_meant) {
  const auto hint = [](const std::string& name) { return new_lab_files(name).error().hint; };
  EXPECT_THAT(hint("My Lab"), testing::EndsWith("labctl lab new my-lab"));
  EXPECT_THAT(hint("__x__y__"), testing::EndsWith("labctl lab new x-y"));
  EXPECT_THAT(hint("../../etc"), testing::EndsWith("labctl lab new etc"));
  EXPECT_THAT(hint("!"), testing::EndsWith("labctl lab new my-lab"));
  EXPECT_THAT(hint("-" + std::string(100, 'a')), testing::EndsWith("new " + std::string(40, 'a')));
}

}  // namespace
}  // namespace labctl
