// The kinds have one list: the table of starts, the list and the documentation must agree.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "diagnose/diagnose.hpp"
#include "starts.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

std::set<std::string_view> names() {
  std::set<std::string_view> all;
  for (const ReportKind& kind : report_kinds())
    all.insert(kind.name);
  return all;
}

TEST(Kinds, AreUnique) {
  EXPECT_EQ(names().size(), report_kinds().size());
}

TEST(Kinds, OfEveryStartAreListed) {
  const auto listed = names();
  for (const Start& start : report_starts())
    EXPECT_EQ(listed.count(start.kind), 1U) << start.kind;
  for (const Message& message : warning_messages())
    EXPECT_EQ(listed.count(message.kind), 1U) << message.kind;
}

// A row below one that takes all of its lines would never be seen.
TEST(Kinds, NoStartHidesALaterOne) {
  const auto starts = report_starts();
  for (std::size_t i = 0; i < starts.size(); ++i) {
    for (std::size_t k = i + 1; k < starts.size(); ++k) {
      const bool hidden = starts[i].holds.empty() && starts[k].begins.starts_with(starts[i].begins);
      EXPECT_FALSE(hidden) << starts[i].begins << " hides " << starts[k].begins;
    }
  }
}

TEST(Kinds, AreThoseOfTheDocumentation) {
  std::ifstream stream(std::string(LABCTL_SOURCE) + "/docs/kernel-reports.md");
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const auto begin = text.find("## Kinds");
  const auto end = text.find("\n## ", begin + 1);
  ASSERT_NE(end, std::string::npos);
  std::vector<std::string> documented, listed;
  for (const auto line : split_lines(std::string_view(text).substr(begin, end - begin))) {
    if (line.starts_with("| `")) documented.emplace_back(line);
  }
  for (const ReportKind& kind : report_kinds())
    listed.push_back("| `" + std::string(kind.name) + "` | " + std::string(kind.meaning) + " |");
  EXPECT_EQ(documented, listed);
}

}  // namespace
}  // namespace labctl
