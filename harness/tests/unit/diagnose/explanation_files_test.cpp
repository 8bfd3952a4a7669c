// The texts in explanations/: one a kind, and what they say of the golden logs.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

#include "diagnose/diagnose.hpp"
#include "diagnose/explanation.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> files_in(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == extension) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::set<std::string> kinds() {
  std::set<std::string> names;
  for (const ReportKind& kind : report_kinds())
    names.emplace(kind.name);
  return names;
}

Explanations explanations() {
  Explanations all;
  for (const fs::path& file : files_in(fs::path(LABCTL_SOURCE) / "explanations", ".txt")) {
    auto explanation = Explanation::parse(read(file), file.filename().string());
    if (explanation) {
      all.emplace(file.stem().string(), std::move(*explanation));
    } else {
      ADD_FAILURE() << explanation.error().message << "; " << explanation.error().hint;
    }
  }
  return all;
}

// What one of the two has and the other has not.
std::vector<std::string> differences(const std::set<std::string>& kinds, const Explanations& files) {
  std::vector<std::string> found;
  for (const std::string& kind : kinds)
    if (files.count(kind) == 0) found.push_back("no file for " + kind);
  for (const auto& [kind, file] : files)
    if (kinds.count(kind) == 0) found.push_back("no kind for " + kind);
  return found;
}

TEST(ExplanationFiles, AreOneAKind) {
  EXPECT_THAT(differences(kinds(), explanations()), IsEmpty());
}

TEST(ExplanationFiles, ThatAreMissingOrTooManyAreNoticed) {
  Explanations files = explanations();
  auto moved = files.extract("panic");
  moved.key() = "painc";
  files.insert(std::move(moved));
  EXPECT_THAT(differences(kinds(), files), ElementsAre("no file for panic", "no kind for painc"));
}

TEST(ExplanationFiles, UseEveryName) {
  std::set<std::string_view> used;
  const Explanations files = explanations();
  for (const auto& [kind, file] : files)
    for (const std::string_view name : file.names())
      used.insert(name);
  for (const ExplanationName& name : explanation_names())
    EXPECT_EQ(used.count(name.name), 1U) << name.name << " is used by no file";
}

TEST(ExplanationNames, AreThoseOfTheDocumentation) {
  const std::string text = read(std::string(LABCTL_SOURCE) + "/docs/kernel-reports.md");
  const auto begin = text.find("## Explanations");
  ASSERT_NE(begin, std::string::npos);
  std::vector<std::string> documented, listed;
  for (const auto line : split_lines(std::string_view(text).substr(begin)))
    if (line.starts_with("| `")) documented.emplace_back(line);
  for (const ExplanationName& name : explanation_names())
    listed.push_back(fmt::format("| `{{{}{}}}` | {} |", name.has_text ? "" : "if ", name.name, name.meaning));
  EXPECT_EQ(documented, listed);
}

TEST(ExplanationNames, AreUsedRightInTheDocumentation) {
  std::string_view text;
  const std::string page = read(std::string(LABCTL_SOURCE) + "/docs/kernel-reports.md");
  const auto begin = page.find("```text\n", page.find("## Explanations"));
  ASSERT_NE(begin, std::string::npos);
  text = std::string_view(page).substr(begin + 8);
  const auto example = Explanation::parse(text.substr(0, text.find("```")), "example");
  ASSERT_TRUE(example) << example.error().message;
  EXPECT_EQ(example->about({}),
            "A lock was still held when the system call returned. "
            "Every return needs an unlock before it.");
}

// What is wrong with a text that was filled in; empty: nothing.
std::string fault_of(const std::string& text) {
  static const std::pair<std::regex, const char*> leftovers[] = {
      {std::regex("[{}]"), "a brace"},
      {std::regex("  "), "two blanks"},
      {std::regex(" [.,:;)]"), "a blank before a mark"},
      {std::regex("\\.\\.|,,|, ?\\."), "two marks"},
      {std::regex("\\( | \\(\\)"), "brackets without a word"},
      {std::regex("\\b0 bytes"), "no bytes"},
      {std::regex("\\bunknown\\b"), "unknown"},
  };
  for (const auto& [pattern, what] : leftovers)
    if (std::regex_search(text, pattern)) return what;
  if (!text.ends_with('.')) return "no full stop at the end";
  return text.size() > 480 ? fmt::format("{} bytes", text.size()) : "";
}

TEST(ExplanationFiles, LeaveNothingOpenThatIsNoticed) {
  EXPECT_EQ(fault_of("A read of 1 byte (kmalloc-64) at 0x10 in kfree()."), "");
  for (const char* text : {"A {lock}.", "A  lock.", "It is in .", "Held..", "A ( b).", "A read of 0 bytes.", "Lock ().",
                           "An unknown lock."})
    EXPECT_NE(fault_of(text), "") << text;
}

// Golden logs come without modules' lines: each frame of a module's gets one, which tells the traces apart.
void make_up_lines(std::vector<StackFrame>& trace, int line) {
  for (StackFrame& frame : trace) {
    const std::string function = frame.function.substr(0, frame.function.find('.'));
    if (!frame.module.empty()) frame.source = {{function, frame.module + ".c", line, "x"}};
  }
}

KernelReport with_lines(KernelReport report) {
  make_up_lines(report.trace, 10);
  make_up_lines(report.alloc_trace, 20);
  make_up_lines(report.free_trace, 30);
  for (std::size_t i = 0; i < report.locks.size(); ++i)
    make_up_lines(report.locks[i].trace, static_cast<int>(40 + 10 * i));
  return report;
}

// Every golden log, read as the tests of the logs read it; the text of each report, and the logs that it is said of.
TEST(ExplanationFiles, OfTheGoldenLogs) {
  const Explanations files = explanations();
  std::map<std::string, std::map<std::string, std::set<std::string>>> said;
  for (const fs::path& file : files_in(fs::path(LABCTL_GOLDEN) / "diagnose", ".log")) {
    const std::string text = read(file);
    auto log = records_from_console(text.substr(text.find("# Log:\n") + 7));
    for (KmsgRecord& record : log)
      record.level = 4;
    for (const KernelReport& report : find_reports(log, 0, log.size())) {
      const auto explanation = files.find(report.kind);
      ASSERT_NE(explanation, files.end()) << report.kind;
      const std::string plain = explanation->second.about(report);
      EXPECT_EQ(fault_of(plain), "") << file << ": " << plain;
      const std::string full = explanation->second.about(with_lines(report));
      EXPECT_EQ(fault_of(full), "") << file << ": " << full;
      said[report.kind][full].insert(file.stem().string());
    }
  }
  std::string all = "Explanations of the golden logs, with made-up line numbers.\n";
  for (const auto& [kind, texts] : said) {
    all += "\n" + kind + "\n";
    for (const auto& [text, logs] : texts)
      all += fmt::format("  {}\n    in {}\n", text, fmt::join(logs, ", "));
  }
  const fs::path golden = fs::path(LABCTL_GOLDEN) / "diagnose/explanations.txt";
  if (std::getenv("LABCTL_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(golden, std::ios::binary) << all;
    GTEST_SKIP() << "rewritten";
  }
  EXPECT_EQ(read(golden), all) << "LABCTL_UPDATE_GOLDEN=1 writes it anew";
}

}  // namespace
}  // namespace labctl
