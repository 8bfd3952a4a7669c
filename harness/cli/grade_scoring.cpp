#include "grade_scoring.hpp"

#include <fmt/format.h>

#include "intake/roster.hpp"
#include "support/text.hpp"

namespace labctl {

void add_scoring(CLI::App& app, ScoringArguments& arguments) {
  app.add_option("-o,--out", arguments.out, "the folder for the results");
  app.add_option("--roster", arguments.roster, "a CSV with columns id, name, email, submitted");
  app.add_option("--due", arguments.due, "when it was due, like 2026-11-20T23:59:00Z");
  app.add_option("--grace", arguments.grace_minutes, "minutes after that which do not count")
      ->check(CLI::Range(0, 10'080));
  app.add_option("--late-per-day", arguments.late_per_day, "percent that each begun day takes of what was earned")
      ->check(CLI::Range(0, 100));
  app.add_option("--overrides", arguments.overrides,
                 "a CSV with columns id, test, points, reason: points given by hand");
  app.add_flag("--gradescope", arguments.gradescope, "also a results.json a student, for Gradescope");
  app.add_flag("--github", arguments.github, "also a result a student, for GitHub Classroom");
  auto* canvas = app.add_option("--canvas", arguments.canvas, "a gradebook exported from Canvas, to be filled in");
  auto* column = app.add_option("--canvas-column", arguments.canvas_column, "the assignment's column there");
  column->needs(canvas);
  canvas->needs(column);
  app.add_option("--moodle", arguments.moodle, "a grading worksheet from Moodle, to be filled in");
}

Result<GradeSettings> read_settings(const ScoringArguments& arguments) {
  if (arguments.out.empty()) return fail(Fault::usage, "there is no folder for the results", "add --out DIR");
  GradeSettings settings;
  if (!arguments.roster.empty()) {
    auto roster = read_roster(arguments.roster);
    if (!roster) return fail(roster.error());
    settings.roster = std::move(*roster);
  }
  if (!arguments.overrides.empty()) {
    auto overrides = read_overrides(arguments.overrides);
    if (!overrides) return fail(overrides.error());
    settings.overrides = std::move(*overrides);
  }
  if (!arguments.due.empty()) {
    settings.late.due = parse_time(arguments.due);
    if (!settings.late.due)
      return fail(Fault::usage, fmt::format("--due {} is no time", labctl::quoted(arguments.due)),
                  "write it like 2026-11-20T23:59:00Z, or with +01:00 for Z");
  } else if (arguments.late_per_day > 0) {
    return fail(Fault::usage, "--late-per-day says how much, but not from when", "add --due TIME");
  }
  settings.late.grace = std::chrono::minutes(arguments.grace_minutes);
  settings.late.percent_a_day = arguments.late_per_day;
  settings.gradescope = arguments.gradescope;
  settings.github = arguments.github;
  settings.canvas = arguments.canvas;
  settings.canvas_column = arguments.canvas_column;
  settings.moodle = arguments.moodle;
  return settings;
}

}  // namespace labctl
