#include "grade_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "grade/score.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

void print_summary(const WrittenOutputs& outputs, std::size_t kept, const GradeSettings& settings) {
  const auto& rows = outputs.rows;
  std::map<GradeState, std::size_t> states;
  std::size_t strangers = 0;
  for (const auto& row : rows) {
    ++states[row.student.state];
    if (!row.in_roster) ++strangers;
  }
  std::vector<std::string> parts;
  for (const auto& [state, count] : states)
    parts.push_back(fmt::format("{} {}", count, state_name(state)));
  fmt::print("{} students: {}\n", rows.size(), join(parts, ", "));
  if (kept > 0) fmt::print("{} were graded before and are kept\n", kept);
  if (strangers > 0) fmt::print("{} handed in and are not in the roster: see the column note\n", strangers);
  for (const auto& unused : unused_overrides(rows, settings.overrides))
    fmt::print("an override changes nothing: {}\n", unused);
  for (const auto& row : rows)
    if (!row.score.graded)
      fmt::print("not graded: {}: {}\n", printable(row.student.id),
                 printable(row.student.message.empty() && !row.student.tests.empty() ? row.student.tests.front().message
                                                                                     : row.student.message));
  for (const auto& note : outputs.notes)
    fmt::print("{}\n", note);
  for (const auto& file : outputs.files)
    fmt::print("{}\n", file.string());
}

bool is_owed(const WrittenOutputs& outputs) {
  return std::any_of(outputs.rows.begin(), outputs.rows.end(), [](const GradeRow& row) { return !row.score.graded; });
}

Status tell_changes(const std::vector<GradeRow>& before, const std::vector<GradeRow>& after, const fs::path& file) {
  const auto changes = grade_changes(before, after);
  const auto text = [](const std::optional<int>& points) { return points ? hundredths_text(*points) : "not graded"; };
  fmt::print("{} of {} students have another result\n", changes.size(), after.size());
  for (const auto& change : changes) {
    fmt::print("  {}{}: {} -> {}\n", printable(change.id), change.name.empty() ? "" : " " + printable(change.name),
               text(change.before), text(change.after));
    for (const auto& test : change.tests)
      fmt::print("    {}\n", test);
  }
  fmt::print("{}\n", file.string());
  return write_file(file, changes_csv(changes));
}

}  // namespace labctl
