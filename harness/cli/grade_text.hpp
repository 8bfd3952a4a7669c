// What a grading tells people on the screen.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "grade_outputs.hpp"

namespace labctl {

// kept: results of an earlier grading, which was cut short.
void print_summary(const WrittenOutputs& outputs, std::size_t kept, const GradeSettings& settings);

// Whether somebody has no grade for a reason that is not theirs.
bool is_owed(const WrittenOutputs& outputs);

// Who has another result than before, and because of which tests; also to a file.
Status tell_changes(const std::vector<GradeRow>& before, const std::vector<GradeRow>& after,
                    const std::filesystem::path& file);

}  // namespace labctl
