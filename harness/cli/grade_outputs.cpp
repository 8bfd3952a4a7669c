#include "grade_outputs.hpp"

#include "report/grade_pages.hpp"
#include "support/files.hpp"

namespace labctl {

namespace fs = std::filesystem;

Result<std::vector<GradeRow>> write_outputs(const ResultsFolder& results, const Grading& grading,
                                            const GradeSettings& settings) {
  auto students = results.students();
  if (!students) return fail(students.error());
  auto rows = gradebook_rows({std::move(*students), settings.roster, settings.late, settings.overrides}, grading.tests);
  std::vector<PageLink> links;
  for (const auto& row : rows) {
    const fs::path page = fs::path("students") / (file_name_of(row.student.id) + ".html");
    links.push_back({row.student.id, page.generic_string()});
    if (auto written = write_file(results.path() / page, student_page(grading, row)); !written)
      return fail(written.error());
  }
  if (auto written = write_file(results.path() / "class.html", class_page(grading, rows, links)); !written)
    return fail(written.error());
  if (auto written = write_file(results.path() / "gradebook.csv", gradebook_csv(rows, grading.tests)); !written)
    return fail(written.error());
  return rows;
}

}  // namespace labctl
