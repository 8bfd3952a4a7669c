#include "grade/gradebook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "grade/score.hpp"
#include "intake/csv.hpp"
#include "support/text.hpp"

namespace labctl {

namespace {

GradedStudent who_handed_in_nothing(const Student& student, const std::vector<GradedTest>& tests) {
  GradedStudent missing;
  missing.id = student.id;
  missing.state = GradeState::missing;
  missing.message = "nothing was handed in";
  for (const auto& test : tests)
    missing.tests.push_back({test.name, TestStatus::not_run, test.points, 0, test.hidden, test.hint, "", "", ""});
  return missing;
}

std::string note_of(const GradeRow& row) {
  std::vector<std::string> notes;
  if (!row.in_roster) notes.push_back("not in the roster");
  if (row.score.days_late > 0)
    notes.push_back(fmt::format("{} day{} late", row.score.days_late, row.score.days_late == 1 ? "" : "s"));
  for (const auto& reason : row.score.reasons)
    notes.push_back("changed by hand: " + reason);
  if (!row.student.message.empty()) notes.push_back(row.student.message);
  return join(notes, "; ");
}

}  // namespace

std::string points_text(int hundredths) {
  if (hundredths % 100 == 0) return std::to_string(hundredths / 100);
  return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

std::vector<GradeRow> gradebook_rows(const GradebookInputs& inputs, const std::vector<GradedTest>& tests) {
  std::map<std::string, GradeRow> rows;
  for (const auto& student : inputs.students) {
    GradeRow row{student, student.name, "", inputs.roster.empty(), {}};
    row.score = final_score(student, std::nullopt, inputs.late, inputs.overrides);
    rows.emplace(student.id, std::move(row));
  }
  for (const auto& known : inputs.roster) {
    auto [place, is_new] = rows.try_emplace(known.id);
    GradeRow& row = place->second;
    if (is_new) row.student = who_handed_in_nothing(known, tests);
    if (!known.name.empty()) row.name = known.name;
    row.email = known.email;
    row.in_roster = true;
    row.score = final_score(row.student, is_new ? std::nullopt : known.submitted, inputs.late, inputs.overrides);
  }
  std::vector<GradeRow> all;
  for (auto& [id, row] : rows)
    all.push_back(std::move(row));
  return all;
}

std::string gradebook_csv(const std::vector<GradeRow>& rows, const std::vector<GradedTest>& tests) {
  std::vector<CsvRow> table;
  CsvRow header = {"id", "name", "email", "state", "score", "possible", "raw", "late %", "note"};
  for (const auto& test : tests)
    header.push_back(test.name);
  table.push_back(std::move(header));
  for (const auto& row : rows) {
    const FinalScore& score = row.score;
    CsvRow fields = {row.student.id,
                     row.name,
                     row.email,
                     std::string(state_name(row.student.state)),
                     score.graded ? points_text(score.hundredths) : "",
                     std::to_string(score.possible),
                     score.graded ? std::to_string(score.raw) : "",
                     score.late_percent > 0 ? std::to_string(score.late_percent) : "",
                     printable(note_of(row))};
    for (const auto& test : tests) {
      const auto own = std::find_if(row.student.tests.begin(), row.student.tests.end(),
                                    [&](const GradedTest& one) { return one.name == test.name; });
      const bool judged = own != row.student.tests.end() && own->status != TestStatus::infrastructure_error;
      fields.push_back(judged ? std::to_string(own->earned) : "");
    }
    table.push_back(std::move(fields));
  }
  return write_csv(table);
}

}  // namespace labctl
