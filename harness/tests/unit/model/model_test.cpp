#include <gtest/gtest.h>

#include <set>

#include "model/device.hpp"
#include "model/kernel_option.hpp"
#include "model/lab.hpp"
#include "model/result.hpp"

namespace labctl {
namespace {

Step step(Action action) {
  Step made;
  made.action = std::move(action);
  return made;
}

Step read(std::string file) {
  ReadStep made;
  made.file = std::move(file);
  return step(made);
}

Step write(std::string file, std::string data) {
  WriteStep made;
  made.file = std::move(file);
  made.data = std::move(data);
  return step(made);
}

Step ioctl(std::string request, std::string words) {
  IoctlStep made;
  made.name = "dev";
  made.request = std::move(request);
  made.request_words = std::move(words);
  return step(made);
}

Step run(std::vector<std::string> argv) {
  RunStep made;
  made.argv = std::move(argv);
  return step(made);
}

template <class Fill>
Step dmesg(Fill fill) {
  DmesgStep made;
  fill(made);
  return step(made);
}

struct Summary {
  Step step;
  const char* kind;
  const char* text;
};

class StepSummary : public testing::TestWithParam<Summary> {};

TEST_P(StepSummary, SaysItAsAPersonWould) {
  EXPECT_EQ(step_kind(GetParam().step), GetParam().kind);
  EXPECT_EQ(step_summary(GetParam().step), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Model, StepSummary,
    testing::Values(Summary{step(LoadStep{"hello-lkm", {}, 0}), "load", "load hello-lkm"},
                    Summary{ioctl("25348", ""), "ioctl", "ioctl dev 0x6304"},
                    Summary{ioctl("${request}", ""), "ioctl", "ioctl dev ${request}"},
                    Summary{ioctl("3221512963", "type c number 3"), "ioctl", "ioctl dev type c number 3 (0xc0046303)"},
                    Summary{step(LoadStep{"modparams", {{"freq", "9"}, {"name", "two words"}, {"empty", ""}}, 22}),
                            "load", "load modparams freq=9 name=\"two words\" empty=\"\""},
                    Summary{step(UnloadStep{"hello-lkm", 0}), "unload", "unload hello-lkm"},
                    Summary{read("/proc/counter"), "read", "read /proc/counter"},
                    Summary{write("/proc/counter", "1\n"), "write", "write \"1\\n\" to /proc/counter"},
                    Summary{run({"sh", "-c", "echo hi"}), "run", "run sh -c \"echo hi\""},
                    Summary{step(RunStep{}), "run", "run"}, Summary{step(DmesgStep{}), "dmesg", "dmesg"},
                    Summary{dmesg([](DmesgStep& d) {
                              d.has = {"a", "b"};
                              d.lacks = {"c"};
                              d.matches = {"d+"};
                              d.sequence = {"e", "f"};
                            }),
                            "dmesg",
                            "dmesg has \"a\", has \"b\", lacks \"c\", matches \"d+\", has in order \"e\", \"f\""},
                    Summary{dmesg([](DmesgStep& d) {
                              d.count = 1;
                              d.count_text = "x";
                            }),
                            "dmesg", "dmesg has \"x\" once"},
                    Summary{dmesg([](DmesgStep& d) {
                              d.count = 3;
                              d.count_text = "x";
                            }),
                            "dmesg", "dmesg has \"x\" 3 times"}));

TEST(StepSummary, IsOneBoundedLine) {
  const std::string hostile = std::string(100'000, 'x') + "\n\x1b[2J";
  for (const Step& made : {step(LoadStep{"m", {{"a", hostile}}, 0}), write(hostile, hostile),
                           run({"a\nb\x1b", hostile}), dmesg([&](DmesgStep& d) { d.has = {hostile}; })}) {
    const std::string text = step_summary(made);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_LT(text.size(), 1000U);
  }
}

TEST(Model, LevelsHaveTheKernelsNames) {
  const std::vector<std::string_view> names = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(level_name(static_cast<LogLevel>(i)), names[static_cast<std::size_t>(i)]);
}

TEST(Model, StatusNamesAreStableAndDistinct) {
  EXPECT_EQ(status_name(TestStatus::passed), "passed");
  EXPECT_EQ(status_name(TestStatus::build_failed), "build-failed");
  EXPECT_EQ(status_name(TestStatus::infrastructure_error), "infrastructure-error");
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(TestStatus::infrastructure_error); ++i) {
    names.insert(status_name(static_cast<TestStatus>(i)));
  }
  EXPECT_EQ(names.size(), 8U);
  EXPECT_EQ(names.count("unknown"), 0U);
}

struct Verdict {
  const char* about;
  std::vector<TestStatus> tests;
  std::string error;
  bool built;
  bool passes;
  bool infrastructure;
};

class LabVerdict : public testing::TestWithParam<Verdict> {};

TEST_P(LabVerdict, BlamesTheRightOne) {
  LabResult lab;
  lab.error = GetParam().error;
  BuildResult build;
  build.succeeded = GetParam().built;
  lab.builds.push_back(build);
  for (const TestStatus status : GetParam().tests) {
    lab.tests.emplace_back();
    lab.tests.back().status = status;
  }
  EXPECT_EQ(passed(lab), GetParam().passes) << GetParam().about;
  EXPECT_EQ(infrastructure_failed(lab), GetParam().infrastructure) << GetParam().about;
}

using S = TestStatus;
INSTANTIATE_TEST_SUITE_P(
    Model, LabVerdict,
    testing::Values(Verdict{"all pass", {S::passed, S::passed}, "", true, true, false},
                    Verdict{"no tests prove nothing", {}, "", true, false, false},
                    Verdict{"one fails", {S::passed, S::failed}, "", true, false, false},
                    Verdict{"a crash", {S::crashed}, "", true, false, false},
                    Verdict{"a timeout", {S::timeout}, "", true, false, false},
                    Verdict{"tampering", {S::tampered}, "", true, false, false},
                    Verdict{"build failed", {S::build_failed}, "", false, false, false},
                    Verdict{"build failed, tests not run", {S::not_run}, "", false, false, false},
                    Verdict{"our fault", {S::passed, S::infrastructure_error}, "", true, false, true},
                    Verdict{"our fault wins over theirs", {S::failed, S::infrastructure_error}, "", true, false, true},
                    Verdict{"no kernel", {}, "no kernel", true, false, true},
                    Verdict{"an error is never a pass", {S::passed}, "disk full", true, false, true},
                    Verdict{"not run after a failure", {S::failed, S::not_run}, "", true, false, false},
                    Verdict{"not run for no fault of the module's", {S::passed, S::not_run}, "", true, false, true}));

TEST(FormatRecord, LooksLikeDmesg) {
  KmsgRecord record;
  record.timestamp_us = 812'345;
  record.text = "modparams: freq out of range";
  EXPECT_EQ(format_record(record), "[    0.812345] modparams: freq out of range");
  record.timestamp_us = 123'456'000'007;
  EXPECT_EQ(format_record(record), "[123456.000007] modparams: freq out of range");
}

TEST(FormatRecord, OneRecordCannotPassForTwo) {
  KmsgRecord record;
  record.text = "one\n[    9.000000] two \x1b[31m";
  EXPECT_EQ(format_record(record), "[    0.000000] one\n               [    9.000000] two \\x1b[31m");
}

TEST(KernelOption, is_y_a_number_or_a_word) {
  const auto value = [](const char* text) {
    const auto option = kernel_option(text);
    return option ? option->name + "=" + option->value : "";
  };
  EXPECT_EQ(value("VETH"), "CONFIG_VETH=y");
  EXPECT_EQ(value("LOG_BUF_SHIFT=18"), "CONFIG_LOG_BUF_SHIFT=18");
  EXPECT_EQ(value("PHYSICAL_START=0x1000000"), "CONFIG_PHYSICAL_START=0x1000000");
  EXPECT_EQ(value("DEFAULT_HOSTNAME=lab"), "CONFIG_DEFAULT_HOSTNAME=\"lab\"");
  for (const char* wrong :
       {"", "CONFIG_VETH", "VETH=m", "VETH=y", "VETH=n", "VETH=", "=y", "A B", "A=b c", "A=\"b\"", "A=1\nCONFIG_B=y"})
    EXPECT_EQ(value(wrong), "") << wrong;
}

TEST(Device, is_found_by_its_name) {
  for (const auto& device : all_devices()) {
    EXPECT_EQ(find_device(device.name), &device);
    for (const auto& option : device.config)
      EXPECT_TRUE(kernel_option(option)) << option;
  }
  EXPECT_EQ(find_device("floppy"), nullptr);
}

TEST(KeepsStepPoints, UnlessTheAnswersCannotBeTrusted) {
  for (const auto status : {TestStatus::passed, TestStatus::failed, TestStatus::timeout})
    EXPECT_TRUE(keeps_step_points(status)) << status_name(status);
  for (const auto status : {TestStatus::build_failed, TestStatus::crashed, TestStatus::tampered, TestStatus::not_run,
                            TestStatus::infrastructure_error})
    EXPECT_FALSE(keeps_step_points(status)) << status_name(status);
}

}  // namespace
}  // namespace labctl
