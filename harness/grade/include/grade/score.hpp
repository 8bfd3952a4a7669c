// From what the tests earned to what counts. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "model/grade.hpp"

namespace labctl {

// submitted: when, if known. A student whom the learning platform marked late without a time counts as one day late.
FinalScore final_score(const GradedStudent& student, std::optional<std::chrono::sys_seconds> submitted,
                       const LatePolicy& policy, const std::vector<Override>& overrides);

// Overrides that speak of no student, or of no test of theirs: a sentence each.
std::vector<std::string> unused_overrides(const std::vector<GradeRow>& rows, const std::vector<Override>& overrides);

}  // namespace labctl
