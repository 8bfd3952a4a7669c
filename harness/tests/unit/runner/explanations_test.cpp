// The files that explain kernel reports: an instructor's own go before ours, and a bad one changes nothing else.
#include "runner/explanations.hpp"

#include <gmock/gmock.h>

#include "support/files.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Notes final : public Progress {
 public:
  void begin(const std::string&, std::uint64_t, const std::string&) override {}
  void advance(std::uint64_t) override {}
  void end(bool) override {}
  void note(const std::string& line) override { lines.push_back(line); }
  std::vector<std::string> lines;
};

class ExplanationFolders : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) { ASSERT_TRUE(write_file(home_.path() / name, text)); }

  std::string text_of(const std::string& kind) {
    const auto all = read_explanations({home_.path() / "ours", home_.path() / "theirs", home_.path() / "none"}, notes_);
    std::vector<TestResult> tests(1);
    tests[0].status = TestStatus::crashed;
    tests[0].reports.resize(1);
    tests[0].reports[0].kind = kind;
    tests[0].reports[0].process = "insmod";
    explain(tests, all);
    EXPECT_EQ(tests[0].status, TestStatus::crashed);
    return tests[0].reports[0].explanation;
  }

  test::TemporaryFolder home_;
  Notes notes_;
};

TEST_F(ExplanationFolders, TheLaterOneGoesFirstFileByFile) {
  put("ours/panic.txt", "Ours.\n");
  put("ours/oops.txt", "Ours too.\n");
  put("theirs/panic.txt", "Theirs.\nIt was {process}.\n");
  put("theirs/README.md", "{whatever}");
  EXPECT_EQ(text_of("panic"), "Theirs. It was insmod.");
  EXPECT_EQ(text_of("oops"), "Ours too.");
  EXPECT_EQ(text_of("bug"), "");
  EXPECT_THAT(notes_.lines, IsEmpty());
}

TEST_F(ExplanationFolders, ReportsOfADebugKernelAreExplainedToo) {
  put("ours/kasan.txt", "Ours.\n");
  std::vector<TestResult> tests(1);
  tests[0].in_debug.emplace().reports.resize(1);
  tests[0].in_debug->reports[0].kind = "kasan";
  explain(tests, read_explanations({home_.path() / "ours"}, notes_));
  EXPECT_EQ(tests[0].in_debug->reports[0].explanation, "Ours.");
}

TEST_F(ExplanationFolders, ABadFileIsToldAndOursIsUsed) {
  put("ours/panic.txt", "Ours.\n");
  for (const std::string bad : {"Fine.\nBy {proces}.\n", "", "\xff\xfe", "Only {process}.\n"}) {
    put("theirs/panic.txt", bad);
    notes_.lines.clear();
    EXPECT_EQ(text_of("panic"), "Ours.") << bad;
    EXPECT_THAT(notes_.lines, ElementsAre(HasSubstr("theirs/panic.txt:"))) << bad;
  }
  put("theirs/panic.txt", std::string(20'000, 'x'));
  EXPECT_EQ(text_of("panic"), "Ours.");
}

TEST_F(ExplanationFolders, ABadFileSaysItsLineAndWhatWouldBeRight) {
  put("theirs/panic.txt", "Fine.\nBy {proces}.\n");
  put("theirs/painc.txt", "Fine.\n");
  EXPECT_EQ(text_of("panic"), "");
  const std::string folder = (home_.path() / "theirs").string();
  EXPECT_THAT(notes_.lines,
              ElementsAre("an explanation is not used: " + folder +
                              "/painc.txt: there is no kind of report \"painc\" (did you mean panic.txt?)",
                          "an explanation is not used: " + folder +
                              "/panic.txt:2: there is no name \"proces\" (did you mean \"process\"?)"));
}

}  // namespace
}  // namespace labctl
