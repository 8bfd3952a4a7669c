#include "grade_outputs.hpp"

#include <fmt/format.h>

#include "grade/exports.hpp"
#include "report/grade_pages.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

Status write_pages(const ResultsFolder& results, const Grading& grading, WrittenOutputs& outputs) {
  std::vector<PageLink> links;
  for (const auto& row : outputs.rows) {
    const fs::path page = fs::path("students") / (file_name_of(row.student.id) + ".html");
    links.push_back({row.student.id, page.generic_string()});
    if (auto written = write_file(results.path() / page, student_page(grading, row)); !written) return written;
  }
  outputs.files.push_back(results.path() / "class.html");
  return write_file(outputs.files.back(), class_page(grading, outputs.rows, links));
}

// What each student is given by a platform. Who could not be graded, or handed in nothing, is given nothing.
Status write_for_platforms(const ResultsFolder& results, const GradeSettings& settings, const WrittenOutputs& outputs) {
  for (const auto& row : outputs.rows) {
    if (!row.score.graded || row.student.state == GradeState::missing) continue;
    const std::string name = file_name_of(row.student.id);
    if (settings.gradescope)
      if (auto written = write_file(results.path() / "gradescope" / name / "results.json", gradescope_json(row));
          !written)
        return written;
    if (settings.github)
      if (auto written = write_file(results.path() / "github" / (name + ".txt"), github_output(row)); !written)
        return written;
  }
  return {};
}

Status write_filled(const fs::path& file, Result<Filled> filled, const char* whose, WrittenOutputs& outputs) {
  if (!filled) return fail(filled.error());
  if (!filled->unknown.empty())
    outputs.notes.push_back(fmt::format("not in {}'s file: {}", whose, printable(join(filled->unknown, ", "))));
  outputs.files.push_back(file);
  return write_file(file, filled->csv);
}

Result<std::string> given(const fs::path& file) {
  auto text = read_file(file);
  if (!text) return fail(Fault::usage, text.error().message, text.error().hint);
  return text;
}

}  // namespace

Result<WrittenOutputs> write_outputs(const ResultsFolder& results, const Grading& grading,
                                     const GradeSettings& settings) {
  auto students = results.students();
  if (!students) return fail(students.error());
  WrittenOutputs outputs;
  outputs.rows =
      gradebook_rows({std::move(*students), settings.roster, settings.late, settings.overrides}, grading.tests);
  outputs.files.push_back(results.path() / "gradebook.csv");
  Status done = write_file(outputs.files.back(), gradebook_csv(outputs.rows, grading.tests));
  if (done) done = write_pages(results, grading, outputs);
  if (done) done = write_for_platforms(results, settings, outputs);
  if (done && !settings.canvas.empty()) {
    const auto text = given(settings.canvas);
    done = text ? write_filled(results.path() / "canvas.csv",
                               fill_canvas(*text, settings.canvas, settings.canvas_column, outputs.rows), "Canvas",
                               outputs)
                : Status(fail(text.error()));
  }
  if (done && !settings.moodle.empty()) {
    const auto text = given(settings.moodle);
    done = text ? write_filled(results.path() / "moodle.csv", fill_moodle(*text, settings.moodle, outputs.rows),
                               "Moodle", outputs)
                : Status(fail(text.error()));
  }
  if (!done) return fail(done.error());
  return outputs;
}

}  // namespace labctl
