// All results of a class together, and what is written of them. Pure.
#pragma once

#include <string>
#include <vector>

#include "model/grade.hpp"

namespace labctl {

struct GradebookInputs {
  std::vector<GradedStudent> students;
  std::vector<Student> roster;  // empty: there is none
  LatePolicy late;
  std::vector<Override> overrides;
};

// A row for everybody who handed something in or is in the roster, by id.
std::vector<GradeRow> gradebook_rows(const GradebookInputs& inputs, const std::vector<GradedTest>& tests);

// id, name, email, state, score, possible, raw, late %, note, and a column a test. What was not graded has no score.
std::string gradebook_csv(const std::vector<GradeRow>& rows, const std::vector<GradedTest>& tests);

// Who has another result than before, by id, and because of which tests.
std::vector<GradeChange> grade_changes(const std::vector<GradeRow>& before, const std::vector<GradeRow>& after);

// id, name, before, after, and why.
std::string changes_csv(const std::vector<GradeChange>& changes);

}  // namespace labctl
