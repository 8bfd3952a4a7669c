#include <gtest/gtest.h>

#include "kernel/kernel.hpp"
#include "kernel/names.hpp"
#include "kernel/tree.hpp"

namespace labctl {
namespace {

TEST(CompareVersions, ComparesNumbersNotText) {
  EXPECT_LT(compare_versions("5.4.286", "5.10.1"), 0);
  EXPECT_GT(compare_versions("6.1.192", "5.4.302"), 0);
  EXPECT_LT(compare_versions("5.4.99", "5.4.286"), 0);
  EXPECT_EQ(compare_versions("5.4.286", "5.4.286"), 0);
}

TEST(CompareVersions, ASeriesEqualsEveryReleaseOfIt) {
  EXPECT_EQ(compare_versions("6.1.192", "6.1"), 0);
  EXPECT_EQ(compare_versions("6.1", "6.1.192"), 0);
  EXPECT_GT(compare_versions("6.10.1", "6.1"), 0);
}

TEST(CompareVersions, IgnoresSuffixes) {
  EXPECT_EQ(compare_versions("6.2.0-rc1", "6.2.0"), 0);
  EXPECT_EQ(compare_versions("5.4.286+", "5.4.286"), 0);
  EXPECT_EQ(compare_versions("", "5.4"), 0);
}

TEST(MakefileVersion, ReadsATopMakefile) {
  EXPECT_EQ(makefile_version("# SPDX\nVERSION = 5\nPATCHLEVEL = 4\nSUBLEVEL = 286\nEXTRAVERSION =\nNAME = x\n"),
            "5.4.286");
  EXPECT_EQ(makefile_version("VERSION = 6\nPATCHLEVEL = 2\nSUBLEVEL = 0\nEXTRAVERSION = -rc1\n"), "6.2.0-rc1");
}

TEST(MakefileVersion, AnotherMakefileHasNone) {
  EXPECT_EQ(makefile_version(""), "");
  EXPECT_EQ(makefile_version("VERSION = 1.2\nall:\n\techo\n"), "");
  EXPECT_EQ(makefile_version("VERSION = 5\nPATCHLEVEL = 4\n"), "");
  EXPECT_EQ(makefile_version("VERSION = five\nPATCHLEVEL = 4\nSUBLEVEL = 0\n"), "");
}

TEST(NeededToBuild, LeavesOutOtherArchitecturesAndDocumentation) {
  EXPECT_TRUE(needed_to_build("Makefile"));
  EXPECT_TRUE(needed_to_build("arch/Kconfig"));
  EXPECT_TRUE(needed_to_build("arch/x86/entry/entry_64.S"));
  EXPECT_TRUE(needed_to_build("arch/arm/Kconfig.debug"));
  EXPECT_TRUE(needed_to_build("Documentation/Kconfig"));
  EXPECT_TRUE(needed_to_build("tools/objtool/check.c"));
  EXPECT_FALSE(needed_to_build("arch/arm/mm/init.c"));
  EXPECT_FALSE(needed_to_build("arch/x8/x.c"));
  EXPECT_FALSE(needed_to_build("Documentation/admin-guide/index.rst"));
  EXPECT_FALSE(needed_to_build("tools/testing/selftests/x.c"));
}

TEST(KernelName, IsAPlainFileName) {
  EXPECT_TRUE(is_kernel_name("5.4"));
  EXPECT_TRUE(is_kernel_name("my-6.1_rt+"));
  for (const char* name : {"", ".", "..", ".hidden", "-x", "a/b", "../x", "a b", "a\n", "\xc3\xa9"})
    EXPECT_FALSE(is_kernel_name(name)) << name;
  EXPECT_FALSE(is_kernel_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace labctl
