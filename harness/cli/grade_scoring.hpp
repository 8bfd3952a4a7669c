// The options that make scores of results: the same for every command that writes a gradebook.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "grade_outputs.hpp"
#include "support/result.hpp"

namespace labctl {

struct ScoringArguments {
  std::string out;
  std::string roster;
  std::string overrides;
  std::string due;
  int grace_minutes = 0;
  int late_per_day = 0;
  bool gradescope = false;
  bool github = false;
  std::string canvas;
  std::string canvas_column;
  std::string moodle;
};

void add_scoring(CLI::App& app, ScoringArguments& arguments);

// Reads the files that they name. Fault::usage.
Result<GradeSettings> read_settings(const ScoringArguments& arguments);

}  // namespace labctl
