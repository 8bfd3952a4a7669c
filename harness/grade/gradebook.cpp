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

std::optional<int> counted(const GradeRow* row) {
  if (row == nullptr || !row->score.graded) return std::nullopt;
  return row->score.hundredths;
}

std::string in_words(const GradedTest* test) {
  return test == nullptr ? "not there"
                         : fmt::format("{}, {} of {}", status_name(test->status), test->earned, test->points);
}

// The tests that went otherwise, or are in one of the two only.
std::vector<std::string> test_changes(const GradeRow* before, const GradeRow* after) {
  std::map<std::string, std::pair<const GradedTest*, const GradedTest*>> tests;
  if (before != nullptr)
    for (const auto& test : before->student.tests)
      tests[test.name].first = &test;
  if (after != nullptr)
    for (const auto& test : after->student.tests)
      tests[test.name].second = &test;
  std::vector<std::string> changes;
  for (const auto& [name, both] : tests)
    if (const auto was = in_words(both.first), is = in_words(both.second); was != is)
      changes.push_back(fmt::format("{}: {} -> {}", printable(name), was, is));
  return changes;
}

}  // namespace

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
    CsvRow fields = {printable(row.student.id),
                     printable(row.name),
                     printable(row.email),
                     std::string(state_name(row.student.state)),
                     score.graded ? hundredths_text(score.hundredths) : "",
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

std::vector<GradeChange> grade_changes(const std::vector<GradeRow>& before, const std::vector<GradeRow>& after) {
  std::map<std::string, std::pair<const GradeRow*, const GradeRow*>> students;
  for (const auto& row : before)
    students[row.student.id].first = &row;
  for (const auto& row : after)
    students[row.student.id].second = &row;
  std::vector<GradeChange> changes;
  for (const auto& [id, both] : students) {
    const auto& [was, is] = both;
    GradeChange change{id, is != nullptr ? is->name : was->name, counted(was), counted(is), test_changes(was, is)};
    const bool state = was == nullptr || is == nullptr || was->student.state != is->student.state;
    if (state || change.before != change.after || !change.tests.empty()) changes.push_back(std::move(change));
  }
  return changes;
}

std::string changes_csv(const std::vector<GradeChange>& changes) {
  std::vector<CsvRow> table = {{"id", "name", "before", "after", "why"}};
  for (const auto& change : changes)
    table.push_back({printable(change.id), printable(change.name), change.before ? hundredths_text(*change.before) : "",
                     change.after ? hundredths_text(*change.after) : "", join(change.tests, "; ")});
  return write_csv(table);
}

}  // namespace labctl
