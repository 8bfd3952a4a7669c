#include "model/grade.hpp"

#include <fmt/format.h>

namespace labctl {

std::string_view state_name(GradeState state) {
  switch (state) {
    case GradeState::passed: return "passed";
    case GradeState::failed: return "failed";
    case GradeState::build_failed: return "build-failed";
    case GradeState::refused: return "refused";
    case GradeState::timeout: return "timeout";
    case GradeState::crashed: return "crashed";
    case GradeState::tampered: return "tampered";
    case GradeState::missing: return "missing";
    case GradeState::infrastructure_error: return "infrastructure-error";
  }
  return "unknown";
}

std::optional<GradeState> state_named(std::string_view name) {
  for (const auto state :
       {GradeState::passed, GradeState::failed, GradeState::build_failed, GradeState::refused, GradeState::timeout,
        GradeState::crashed, GradeState::tampered, GradeState::missing, GradeState::infrastructure_error})
    if (state_name(state) == name) return state;
  return std::nullopt;
}

std::string hundredths_text(int hundredths) {
  if (hundredths % 100 == 0) return std::to_string(hundredths / 100);
  return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

}  // namespace labctl
