// What a grading tells people on the screen.
#pragma once

#include <filesystem>
#include <vector>

#include "grade/grade.hpp"
#include "grade_outputs.hpp"

namespace labctl {

void print_summary(const WrittenOutputs& outputs, const ClassOutcome& outcome, const GradeSettings& settings);

// Who has another result than before, and because of which tests; also to a file.
Status tell_changes(const std::vector<GradeRow>& before, const std::vector<GradeRow>& after,
                    const std::filesystem::path& file);

}  // namespace labctl
