// What a grading leaves for people and programs, made from the students' results.
#pragma once

#include <filesystem>

#include "grade/gradebook.hpp"
#include "grade/results_folder.hpp"
#include "support/result.hpp"

namespace labctl {

struct GradeSettings {
  std::vector<Student> roster;
  LatePolicy late;
  std::vector<Override> overrides;
};

// gradebook.csv, class.html and a page a student. Gives the rows.
Result<std::vector<GradeRow>> write_outputs(const ResultsFolder& results, const Grading& grading,
                                            const GradeSettings& settings);

}  // namespace labctl
