#include "build_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace labctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

BuildResult built() {
  BuildResult build;
  build.module = "m";
  build.succeeded = true;
  return build;
}

TEST(BuildCheck, CountsWhatSparseAndCheckpatchFind) {
  BuildStep step;
  step.module = "m";
  step.max_sparse = 1;
  step.max_checkpatch = 0;
  BuildResult build = built();
  build.sparse = {"m.c:4:5: warning: one"};
  build.checkpatch = std::vector<std::string>{};
  auto checks = check_build(step, build);
  ASSERT_EQ(checks.size(), 3U);
  for (const auto& check : checks)
    EXPECT_TRUE(check.passed) << check.what;

  build.sparse = {"m.c:4:5: warning: one", "m.c:5:5: warning: two", "m.c:6:5: warning: three",
                  "m.c:7:5: warning: four"};
  build.checkpatch = {"m.c:8: ERROR: five"};
  checks = check_build(step, build);
  EXPECT_FALSE(checks[1].passed);
  EXPECT_EQ(checks[1].expected, "at most 1 warning");
  EXPECT_THAT(checks[1].seen, AllOf(HasSubstr("4 warnings: m.c:4:5"), HasSubstr("three"), Not(HasSubstr("four"))));
  EXPECT_FALSE(checks[2].passed);
  EXPECT_THAT(checks[2].what, HasSubstr("checkpatch"));
  EXPECT_THAT(checks[2].seen, HasSubstr("1 warning: m.c:8: ERROR: five"));
}

TEST(BuildCheck, DoesNotPassWhatSparseCannotRead) {
  BuildStep step;
  step.module = "m";
  step.max_sparse = 1000;
  BuildResult build = built();
  build.sparse = std::vector<std::string>{};
  EXPECT_TRUE(check_build(step, build)[1].passed) << "the control";
  build.unreadable = "sparse crashes on mine/m.c (SIGSEGV)";
  const auto checks = check_build(step, build);
  EXPECT_FALSE(checks[1].passed);
  EXPECT_EQ(checks[1].seen, "not known: sparse crashes on mine/m.c (SIGSEGV)");
}

TEST(BuildCheck, DoesNotPassWhatWasNotLookedAt) {
  BuildStep step;
  step.max_sparse = 1000;
  EXPECT_THROW(check_build(step, built()), std::bad_optional_access);
}

}  // namespace
}  // namespace labctl
