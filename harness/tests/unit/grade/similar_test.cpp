#include "grade/similar.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(OwnLines, AreThoseThatNobodyWasGiven) {
  EXPECT_EQ(own_lines("int a;\n\tint  b;\nint c;", {"int b ;\n", "int c;\nint d;\n"}), "int a;\n\n\n");
  EXPECT_EQ(own_lines("", {"x"}), "");
}

TEST(ReadSim, TakesRunsAndSizes) {
  const auto read = read_sim(
      "File 0.c: 322 tokens, 103 lines\nFile 1.c: 53 tokens, 28 lines (not NL-terminated)\nFile 9.c: 5 tokens, 1 line\n"
      "Total input: 2 files (2 new, 0 old), 375 tokens\n\n0.c: line 7-103                        |1.c: line 8-104     "
      "              [322]\n\n0.c: line 1-2|9.c: line 1-2 [20]\nnonsense\n",
      2);
  EXPECT_THAT(read.tokens, ElementsAre(322, 53));
  ASSERT_THAT(read.runs, SizeIs(1)) << "file 9 is none of ours";
  EXPECT_EQ(read.runs[0].a, 0U);
  EXPECT_EQ(read.runs[0].b, 1U);
  EXPECT_EQ(read.runs[0].b_last, 104);
  EXPECT_EQ(read.runs[0].tokens, 322);
}

}  // namespace
}  // namespace labctl
