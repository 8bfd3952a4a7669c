// Console logs, one self-describing file each: what it shows, where it comes from, the reports that must be found,
// and, after "# Log:", the log. Records count from 1 here, as lines do in an editor.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "diagnose/diagnose.hpp"
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

std::string describe(const std::vector<KernelReport>& reports) {
  std::string text;
  for (const KernelReport& report : reports) {
    text += fmt::format("# Report: {}, records {} to {}: {}\n", report.kind, report.log_begin + 1, report.log_end,
                        report.title);
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
    (line.starts_with("# Report: ") ? expected : about) += std::string(line) + "\n";
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

INSTANTIATE_TEST_SUITE_P(Diagnose, GoldenLog, testing::ValuesIn(files()), [](const auto& name) {
  std::string text = name.param.stem().string();
  std::replace_if(
      text.begin(), text.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return text;
});

TEST(GoldenLogs, AreThereAndSomeAreHarmless) {
  std::size_t harmless = 0;
  for (const auto& file : files()) {
    if (read(file).find("\n# Report: ") == std::string::npos) ++harmless;
  }
  EXPECT_GE(files().size(), 15U);
  EXPECT_GE(harmless, 1U);
  EXPECT_LE(harmless, files().size() / 2);
}

}  // namespace
}  // namespace labctl
