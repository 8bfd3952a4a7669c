// Who is in the class, and what was decided by hand.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/grade.hpp"
#include "support/result.hpp"

namespace labctl {

// A CSV with a column id, and maybe name, email (or e-mail) and submitted (RFC 3339, as 2026-11-20T23:59:00Z or
// +01:00); others are left alone. Fault::usage where an id comes twice, is missing, or a time is none.
Result<std::vector<Student>> read_roster(const std::filesystem::path& file);

// A CSV with columns id, points, reason, and maybe test. Fault::usage where one has no reason.
Result<std::vector<Override>> read_overrides(const std::filesystem::path& file);

// "2026-11-20T23:59:00+01:00", or without a zone, which is UTC; also with a space for T, and without seconds.
std::optional<std::chrono::sys_seconds> parse_time(const std::string& text);

}  // namespace labctl
