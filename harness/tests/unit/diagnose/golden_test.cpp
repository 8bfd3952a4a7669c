// Console logs, one self-describing file each: what it shows, where it comes from, the reports that must be found,
// and, after "# Log:", the log. Records count from 1 here, as lines do in an editor.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "diagnose/diagnose.hpp"
#include "fuzz/kernel_log_properties.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

const std::filesystem::path folder = std::filesystem::path(LABCTL_GOLDEN) / "diagnose";
constexpr std::string_view log_mark = "# Log:\n";

std::string read(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<std::filesystem::path> files() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".log") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<KmsgRecord> records(const std::string& console) {
  auto log = records_from_console(console);
  // The console has no levels; every line here could be of the worst that a module prints.
  for (KmsgRecord& record : log)
    record.level = 4;
  return log;
}

std::string frames(const std::vector<StackFrame>& trace) {
  std::string text;
  for (const StackFrame& frame : trace) {
    text += text.empty() ? "" : " < ";
    text += frame.interrupted ? "interrupted " : "";
    text += frame.exact ? "at " : "";
    if (frame.address != 0) {
      text += fmt::format("{:#x}", frame.address);
      continue;
    }
    text += frame.inlined ? frame.function : fmt::format("{}+{:#x}/{:#x}", frame.function, frame.offset, frame.size);
    if (!frame.module.empty()) text += " [" + frame.module + "]";
  }
  return text;
}

std::string describe_object(const MemoryObject& object) {
  static constexpr std::string_view sides[] = {"inside", "left of", "right of"};
  std::string text = fmt::format("{} bytes {} ", object.distance, sides[static_cast<int>(object.side)]);
  text += object.variable.empty() ? "an object" : "variable " + object.variable;
  if (object.size != 0) text += fmt::format(" of {} bytes", object.size);
  return object.cache.empty() ? text : text + " of cache " + object.cache;
}

// One line a fact, and none for what the log does not say.
std::string describe(const std::vector<KernelReport>& reports) {
  static constexpr std::string_view modes[] = {"access", "read", "write", "execution"};
  std::string text;
  const auto add = [&text](std::string_view what, const std::string& value) {
    if (!value.empty()) text += fmt::format("#   {}: {}\n", what, value);
  };
  for (const KernelReport& report : reports) {
    text += fmt::format("# Report: {}, records {} to {}: {}\n", report.kind, report.log_begin + 1, report.log_end,
                        report.title);
    add("process", report.pid ? fmt::format("{} ({})", report.process, *report.pid) : report.process);
    add("cpu", report.cpu ? std::to_string(*report.cpu) : "");
    add("region", report.region);
    if (report.access) {
      add("access", fmt::format("{} of {} bytes at {:#x}", modes[static_cast<int>(report.access->mode)],
                                report.access->bytes, report.access->address));
    }
    add("object", report.object ? describe_object(*report.object) : "");
    add("trace", frames(report.trace));
    add("allocated", frames(report.alloc_trace));
    add("freed", frames(report.free_trace));
    add("calls", frames(report.callback));
    for (const LockSide& side : report.locks)
      add("lock", side.lock + (side.trace.empty() ? "" : ": ") + frames(side.trace));
    add("corrupted", report.corrupted ? "yes" : "");
    add("suspect", report.suspect ? "yes" : "");
  }
  return text;
}

class GoldenLog : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(GoldenLog, HasTheReportsThatItSays) {
  const std::string text = read(GetParam());
  const auto mark = text.find(log_mark);
  ASSERT_NE(mark, std::string::npos) << GetParam() << " has no line \"# Log:\"";
  const std::string console = text.substr(mark + log_mark.size());
  std::string about;
  std::string expected;
  for (const auto line : split_lines(std::string_view(text).substr(0, mark))) {
    (line.starts_with("# Report: ") || line.starts_with("#   ") ? expected : about) += std::string(line) + "\n";
  }
  EXPECT_NE(about.find("# Origin: "), std::string::npos);

  const auto log = records(console);
  const std::string found = describe(find_reports(log, 0, log.size()));
  if (std::getenv("LABCTL_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(GetParam(), std::ios::binary) << about << found << log_mark << console;
    GTEST_SKIP() << "rewritten";
  }
  EXPECT_EQ(expected, found);
}

// The same log as a real console gives it, with carriage returns, must say the same.
TEST_P(GoldenLog, IsReadWithCarriageReturnsToo) {
  const std::string text = read(GetParam());
  const std::string console = text.substr(text.find(log_mark) + log_mark.size());
  std::string with_returns;
  for (const char c : console) {
    if (c == '\n') with_returns += '\r';
    with_returns += c;
  }
  const auto plain = records(console);
  const auto returned = records(with_returns);
  ASSERT_EQ(plain.size(), returned.size());
  EXPECT_EQ(describe(find_reports(plain, 0, plain.size())), describe(find_reports(returned, 0, returned.size())));
}

// What the fuzzer asks of any log, of these and of their halves: a guest may die in the midst of a line.
TEST_P(GoldenLog, KeepsTheFuzzersRulesWhereverItIsCut) {
  const std::string text = read(GetParam());
  for (const std::size_t part : {1, 2, 3, 5, 7})
    EXPECT_EQ(fuzz::kernel_log_fault(text.substr(0, text.size() * part / 7)), "") << part;
}

INSTANTIATE_TEST_SUITE_P(Diagnose, GoldenLog, testing::ValuesIn(files()), [](const auto& name) {
  std::string text = name.param.stem().string();
  std::replace_if(
      text.begin(), text.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return text;
});

TEST(GoldenLogs, AreManyAndSomeAreHarmless) {
  std::size_t harmless = 0, recorded = 0;
  for (const auto& file : files()) {
    const std::string text = read(file);
    if (text.find("\n# Report: ") == std::string::npos) ++harmless;
    if (text.find("\n# Origin: recorded from ") != std::string::npos) ++recorded;
  }
  EXPECT_GE(files().size(), 80U);
  EXPECT_GE(harmless, 20U);
  EXPECT_GE(recorded, 60U);
}

// What no golden log shows is known only from a kernel's source: it must stay the exception.
TEST(GoldenLogs, ShowMostKinds) {
  std::set<std::string> shown;
  for (const auto& file : files()) {
    const auto log = records(read(file));
    for (const KernelReport& report : find_reports(log, 0, log.size()))
      shown.insert(report.kind);
  }
  std::size_t missing = 0;
  for (const ReportKind& kind : report_kinds()) {
    if (shown.count(std::string(kind.name)) != 0) continue;
    ++missing;
    fmt::print("no golden log shows {}\n", kind.name);
  }
  EXPECT_LE(missing, report_kinds().size() / 4);
}

}  // namespace
}  // namespace labctl
