// Which line of which file a place in a module's debug information is, as the report shows it.
#include "report_lines.hpp"

#include <gtest/gtest.h>

namespace labctl {
namespace {

const std::vector<BuiltSource> sources = {
    {"lab.c", "/home/student/lab/lab.c", "first\n\tsecond();\nthird\n"},
    {"sub/lab.c", "/home/student/lab/sub/lab.c", "of sub\n"},
};

TEST(SourceLine, IsReadFromTheSourceThatWasBuilt) {
  const SourceLine line = source_line({"f", "/build/lab.c", 2}, sources);
  EXPECT_EQ(line.function, "f");
  EXPECT_EQ(line.file, "/home/student/lab/lab.c");
  EXPECT_EQ(line.line, 2);
  EXPECT_EQ(line.text, "\tsecond();");
}

TEST(SourceLine, IsOfTheLongestNameThatFits) {
  EXPECT_EQ(source_line({"f", "/build/sub/lab.c", 1}, sources).file, "/home/student/lab/sub/lab.c");
  EXPECT_EQ(source_line({"f", "lab.c", 1}, sources).file, "/home/student/lab/lab.c");
  EXPECT_EQ(source_line({"f", "/build/mylab.c", 1}, sources).text, "") << "another file whose name ends so";
}

TEST(SourceLine, BeyondTheFileHasNoText) {
  EXPECT_EQ(source_line({"f", "/build/lab.c", 4}, sources).text, "");
  EXPECT_EQ(source_line({"f", "/build/lab.c", 0}, sources).text, "");
  EXPECT_EQ(source_line({"f", "/build/lab.c", -1}, sources).text, "");
}

TEST(SourceLine, OfTheKernelIsNamedFromItsFolder) {
  const SourceLine line = source_line({"list_del", "/kernel/./include/linux/list.h", 148}, sources);
  EXPECT_EQ(line.file, "include/linux/list.h");
  EXPECT_EQ(line.text, "");
}

}  // namespace
}  // namespace labctl
