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
  bool gradescope = false;
  bool github = false;
  std::filesystem::path canvas;  // a gradebook to be filled in; empty: none
  std::string canvas_column;
  std::filesystem::path moodle;  // a worksheet to be filled in; empty: none
};

struct WrittenOutputs {
  std::vector<GradeRow> rows;
  std::vector<std::filesystem::path> files;
  std::vector<std::string> notes;  // a sentence each
};

// gradebook.csv, class.html and a page a student, and what else was asked for.
Result<WrittenOutputs> write_outputs(const ResultsFolder& results, const Grading& grading,
                                     const GradeSettings& settings);

}  // namespace labctl
