// Addresses in modules that are gone become functions and lines. The module is an object file that is compiled here.
#include "report_lines.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "process/process.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint64_t text = 0xffffffffc0000000;
constexpr std::uint64_t init = 0xffffffffc0010000;

constexpr const char* program = R"(void take(int size);
int kept;

void rang(void)
{
	kept = 0;
}

__attribute__((section(".init.text"))) void start(void)
{
	take(8);
	__asm__ volatile("after_take:" ::: "memory");
	kept = 1;
}
)";

class ReportLines : public testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(folder_.path() / "late-timer.c") << program;
    run({"gcc", "-g", "-O2", "-c", folder_.path() / "late-timer.c", "-o", ko()});
    BuildResult build;
    build.module = "late-timer";
    build.succeeded = true;
    build.ko = ko();
    build.sources = {{"late-timer.c", "/home/student/late-timer.c", program}};
    builds_ = {build};
    const std::string symbols = run({"nm", "-P", ko()});  // "NAME TYPE ADDRESS SIZE"
    constexpr std::string_view label = "after_take t ";
    const auto line = symbols.find(label);
    ASSERT_NE(line, std::string::npos) << symbols;
    after_take_ = std::stoull(symbols.substr(line + label.size()), nullptr, 16);
  }
  fs::path ko() const { return folder_.path() / "late-timer.ko"; }
  static std::string run(std::vector<std::string> argv) {
    ProcessSpec spec;
    spec.argv = std::move(argv);
    auto outcome = run_process(spec, {std::chrono::seconds(60), 1 << 20}, {});
    EXPECT_TRUE(outcome && outcome->success()) << (outcome ? outcome->describe() : outcome.error().message);
    return outcome ? outcome->standard_output : "";
  }
  // Of the load, whose records begin at log_begin.
  static Evidence loaded(std::vector<LoadedCode::Section> sections, std::size_t log_begin = 0) {
    Evidence evidence;
    Observation seen;
    seen.ending = Ending::completed;
    seen.log_begin = log_begin;
    seen.at = std::chrono::seconds(5);
    seen.loaded = LoadedCode{"late-timer", std::move(sections)};
    evidence.steps.push_back(seen);
    return evidence;
  }
  static StackFrame at(std::uint64_t address, bool exact) {
    StackFrame frame;
    frame.address = address;
    frame.exact = exact;
    return frame;
  }
  std::vector<StackFrame> callback(Evidence evidence, std::uint64_t address) const {
    std::vector<KernelReport> reports(1);
    reports[0].log_begin = 10;
    reports[0].callback = {at(address, true)};
    find_lines(reports, evidence.steps, {builds_, {}});
    return reports[0].callback;
  }
  std::vector<StackFrame> leak(Evidence evidence, std::uint64_t address, std::chrono::seconds allocated) const {
    evidence.leaks = {{8, allocated, {at(address, false)}}};
    find_lines(evidence.leaks, evidence.steps, {builds_, {}});
    return evidence.leaks[0].trace;
  }

  test::TemporaryFolder folder_;
  std::vector<BuildResult> builds_;
  std::uint64_t after_take_ = 0;  // in .init.text
};

TEST_F(ReportLines, OfAnAddressInAModuleThatHasGone) {
  const auto frames = callback(loaded({{".text", text}, {".init.text", init}}), text);
  ASSERT_THAT(frames, SizeIs(1));
  EXPECT_EQ(frames[0].function, "rang");
  EXPECT_EQ(frames[0].module, "late_timer");
  ASSERT_THAT(frames[0].source, SizeIs(1));
  EXPECT_EQ(frames[0].source[0].line, 4);
  EXPECT_EQ(frames[0].source[0].file, "/home/student/late-timer.c");
}

TEST_F(ReportLines, AreNotMadeUp) {
  const Evidence evidence = loaded({{".text", text}, {".init.text", init}});
  EXPECT_THAT(callback(evidence, text + 0x5000), IsEmpty()) << "in no module";
  EXPECT_THAT(callback(evidence, text - 1), IsEmpty());
  EXPECT_THAT(callback(loaded({{".text", text}}, 11), text), IsEmpty()) << "it was loaded after the report";
  EXPECT_THAT(callback(loaded({}), text), IsEmpty()) << "nobody knows where it was";
  EXPECT_THAT(leak(evidence, init + after_take_, std::chrono::seconds(4)), IsEmpty()) << "it was loaded later";
}

TEST_F(ReportLines, OfALeakAreThoseOfTheCall) {
  for (const auto& evidence : {loaded({{".text", text}, {".init.text", init}}), loaded({})}) {
    const auto frames = leak(evidence, init + after_take_, std::chrono::seconds(6));
    ASSERT_THAT(frames, SizeIs(1));
    EXPECT_EQ(frames[0].function, "start");
    ASSERT_THAT(frames[0].source, SizeIs(1));
    EXPECT_EQ(frames[0].source[0].text, "\ttake(8);");
  }
  EXPECT_THAT(leak(loaded({}), init + after_take_ + 1, std::chrono::seconds(6)), IsEmpty()) << "no call ends there";
}

}  // namespace
}  // namespace labctl
