// Where a run's evidence goes.
#pragma once

#include <filesystem>
#include <string>

#include "support/result.hpp"

namespace labctl {

struct RunFolder {
  std::filesystem::path path;
  std::string started;  // RFC 3339, UTC
};

// With `chosen`: that folder, which must be absent or empty. Without: a new one under $XDG_STATE_HOME/labctl/runs,
// named by the time, where the last 50 are kept and `latest` points to the newest.
Result<RunFolder> make_run_folder(const std::filesystem::path& chosen);

}  // namespace labctl
