// Modules that misbehave, each judged in a real guest: always exit 1, always with the reason, never a hang.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

class HostileModule : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel(GetParam()); !missing.empty()) GTEST_SKIP() << missing;
  }

  // Loads the module in a lab of its own with a short limit.
  ProcessOutcome load(const std::string& module, const std::string& limit = "3s", const std::string& more = "") {
    const auto lab = home_.put_lab("hostile", source("harness/tests/e2e/modules/" + module + ".c"),
                                   "      - load: " + module + "\n        limit: " + limit + "\n" + more);
    return home_.labctl({"run", lab, "--kernel", GetParam(), "--build-limit", build_limit_});
  }
  std::string build_limit_ = "60";
  Home home_{CacheOf::all};
};

INSTANTIATE_TEST_SUITE_P(Kernels, HostileModule, testing::Values("5.4", "6.1"),
                         [](const auto& instance) { return std::string(instance.param) == "5.4" ? "v5_4" : "v6_1"; });

TEST_P(HostileModule, InitReturnsAnError) {
  const auto outcome = load("init-error");
  EXPECT_EQ(outcome.end.exit_status, 1);
  EXPECT_THAT(outcome.standard_output, HasSubstr("ENODEV"));
}

TEST_P(HostileModule, InitLoopsForEver) {
  const auto outcome = load("init-hang");
  EXPECT_EQ(outcome.end.exit_status, 1);
  EXPECT_THAT(outcome.standard_output, HasSubstr("did not end within 3.00 s")) << outcome.standard_output;
}

TEST_P(HostileModule, InitSleepsForEver) {
  const auto outcome = load("init-sleep");
  EXPECT_EQ(outcome.end.exit_status, 1);
  EXPECT_THAT(outcome.standard_output, HasSubstr("did not end within 3.00 s")) << outcome.standard_output;
}

TEST_P(HostileModule, ExitLoopsForEver) {
  const auto outcome = load("exit-hang", "3s", "      - unload: exit-hang\n        limit: 3s\n");
  EXPECT_EQ(outcome.end.exit_status, 1);
  EXPECT_THAT(outcome.standard_output, HasSubstr("unload")) << outcome.standard_output;
}

TEST_P(HostileModule, InitOopses) {
  const auto outcome = load("init-oops");
  EXPECT_EQ(outcome.end.exit_status, 1);
  EXPECT_THAT(outcome.standard_output, HasSubstr("NULL pointer dereference"));
}

TEST_P(HostileModule, InitPanics) {
  const auto outcome = load("init-panic");
  EXPECT_EQ(outcome.end.exit_status, 1);
  EXPECT_THAT(outcome.standard_output, HasSubstr("Kernel panic"));
}

TEST_P(HostileModule, InitPrintsWithoutEnd) {
  const auto outcome = load("init-flood", "5s");
  EXPECT_EQ(outcome.end.exit_status, 1) << account_of(outcome);
  EXPECT_THAT(outcome.standard_output, AnyOf(HasSubstr("flood"), HasSubstr("did not end")));
  EXPECT_LT(outcome.standard_output.size(), 64U << 10) << "the report is bounded";
}

TEST_P(HostileModule, AForgedAnswerEarnsNothing) {
  const auto outcome = load("port-forge", "3s");
  EXPECT_EQ(outcome.end.exit_status, 1) << outcome.standard_output;
  EXPECT_THAT(outcome.standard_output, HasSubstr("cannot have sent"));
}

TEST_P(HostileModule, NoiseOnThePortIsNeitherAVerdictNorOurFault) {
  const auto outcome = load("port-garbage", "3s", "      - read: /proc/what-the-lab-asks-for\n");
  EXPECT_EQ(outcome.end.exit_status, 1) << account_of(outcome);
  EXPECT_THAT(outcome.standard_output, Not(HasSubstr("\x1b"))) << "its escapes must not reach the terminal";
}

TEST_P(HostileModule, DiesShortlyAfterItsLastStep) {
  const auto outcome = load("late-panic");
  EXPECT_EQ(outcome.end.exit_status, 1) << account_of(outcome);
  EXPECT_THAT(outcome.standard_output, HasSubstr("Kernel panic"));
}

TEST_P(HostileModule, ItsCompileErrorCannotPassForAFullDisk) {
  const auto lab = home_.put_lab("hostile", home_.put("disk-full.c", "#error No space left on device\n"),
                                 "      - load: disk-full\n");
  const auto outcome = home_.labctl({"run", lab, "--kernel", GetParam()});
  EXPECT_EQ(outcome.end.exit_status, 1) << account_of(outcome);
}

TEST_P(HostileModule, IsTooLargeForAGuest) {
  const auto lab = home_.put_lab(
      "hostile", home_.put("huge.c", "#include <linux/module.h>\nchar x[90u << 20] = {1};\nMODULE_LICENSE(\"GPL\");\n"),
      "      - load: huge\n");
  const auto outcome = home_.labctl({"run", lab, "--kernel", GetParam()});
  EXPECT_EQ(outcome.end.exit_status, 1) << account_of(outcome);
}

TEST_P(HostileModule, DoesNotCompile) {
  const auto outcome = load("compile-error");
  EXPECT_EQ(outcome.end.exit_status, 1);
  EXPECT_THAT(outcome.standard_output, testing::ContainsRegex("compile-error\\.c:[0-9]+:[0-9]+: error:"));
  EXPECT_THAT(outcome.standard_output, Not(HasSubstr("/build/"))) << "paths as the user knows them";
}

TEST_P(HostileModule, LoopsInThePreprocessor) {
  build_limit_ = "20";  // long enough for the control, the smallest module, on a host with other work
  const auto outcome = load("preprocessor-loop");
  EXPECT_EQ(outcome.end.exit_status, 1) << account_of(outcome);
}

TEST_P(HostileModule, IncludesTheShadowFile) {
  for (const char* module : {"include-shadow", "incbin-shadow"}) {
    const auto outcome = load(module);
    EXPECT_EQ(outcome.end.exit_status, 1);
    EXPECT_THAT(outcome.standard_output, HasSubstr("/etc/shadow"));
    EXPECT_THAT(outcome.standard_output, Not(HasSubstr("root:"))) << "its content must not be shown";
  }
}

}  // namespace
}  // namespace labctl::e2e
