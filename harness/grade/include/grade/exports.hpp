// Grades in the forms that learning platforms take. Pure. What could not be graded is never among them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/grade.hpp"
#include "support/result.hpp"

namespace labctl {

// One student's results.json, as Gradescope's autograders leave it
// (gradescope-autograders.readthedocs.io/en/latest/specs/).
std::string gradescope_json(const GradeRow& row);

// One student's result, as GitHub Classroom's autograding reporter takes it: the line "result=BASE64" for the file that
// $GITHUB_OUTPUT names.
std::string github_output(const GradeRow& row);

struct Filled {
  std::string csv;
  std::vector<std::string> unknown;  // ids that the file has no row for
};

// A gradebook that was exported from Canvas, with the column of the assignment filled in: its first five columns, that
// one, and the rows of those who were graded. assignment: the column's name, with or without the "(ID)" that Canvas
// adds. Students are found by Canvas' ID, else by their SIS login or SIS user ID. Fault::usage where the column is not
// there.
Result<Filled> fill_canvas(const std::string& csv, const std::filesystem::path& file, const std::string& assignment,
                           const std::vector<GradeRow>& rows);

// A grading worksheet that was downloaded from Moodle, with its column Grade filled in and everything else left as it
// is. Fault::usage where it is none, or where its maximum is not the lab's: Moodle would skip what is beyond it in
// silence.
Result<Filled> fill_moodle(const std::string& csv, const std::filesystem::path& file,
                           const std::vector<GradeRow>& rows);

}  // namespace labctl
