#include "grade/exports.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "grade/gradebook.hpp"
#include "intake/csv.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

namespace {

std::string written(const json& value) {
  return value.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

// What a student may read of a test.
std::string output_of(const GradedTest& test) {
  if (test.status == TestStatus::passed) return "";
  std::vector<std::string> parts = {printable(test.message)};
  if (test.hidden) {
    parts.push_back("What this test does is told after the grades are final.");
  } else {
    if (!test.details.empty()) parts.push_back(printable(test.details));
    if (!test.hint.empty()) parts.push_back("hint: " + test.hint);
  }
  return join(parts, "\n");
}

std::string summary_of(const GradeRow& row) {
  std::vector<std::string> parts;
  if (!row.student.message.empty()) parts.push_back(printable(row.student.message));
  for (const auto& why : row.student.refusals)
    parts.push_back(printable(why));
  for (const auto& note : row.student.notes)
    parts.push_back(printable(note));
  if (!row.student.compiler.empty()) parts.push_back(printable(row.student.compiler));
  if (row.score.late_percent > 0)
    parts.push_back(fmt::format("{} % less for {} day{} late", row.score.late_percent, row.score.days_late,
                                row.score.days_late == 1 ? "" : "s"));
  for (const auto& reason : row.score.reasons)
    parts.push_back("changed by hand: " + printable(reason));
  return join(parts, "\n");
}

std::string base64(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::size_t> column(const CsvRow& header, const std::string& name) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.begin());
}

std::string field(const CsvRow& row, std::optional<std::size_t> place) {
  return place && *place < row.size() ? row[*place] : "";
}

const GradeRow* graded(const std::vector<GradeRow>& rows, const std::string& id) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const GradeRow& row) { return row.student.id == id; });
  return found == rows.end() || id.empty() ? nullptr : &*found;
}

// The one column by which all students are found: that in which most are. Of several it could be another student's.
std::size_t identifying_column(const std::vector<CsvRow>& table, const std::vector<GradeRow>& rows) {
  std::size_t best = 0, most = 0;
  for (const auto* name : {"ID", "SIS Login ID", "SIS User ID"}) {
    const auto place = column(table.front(), name);
    if (!place) continue;
    const auto found = static_cast<std::size_t>(std::count_if(
        table.begin() + 1, table.end(), [&](const CsvRow& row) { return graded(rows, field(row, place)) != nullptr; }));
    if (best == 0 || found > most) {
      best = *place;
      most = found;
    }
  }
  return best;
}

std::vector<std::string> without(const std::vector<GradeRow>& rows, const std::set<std::string>& known) {
  std::vector<std::string> unknown;
  for (const auto& row : rows)
    if (!known.contains(row.student.id)) unknown.push_back(row.student.id);
  return unknown;
}

}  // namespace

std::string gradescope_json(const GradeRow& row) {
  json tests = json::array();
  for (std::size_t i = 0; i < row.student.tests.size(); ++i) {
    const GradedTest& test = row.student.tests[i];
    tests.push_back({{"score", test.earned},
                     {"max_score", test.points},
                     {"status", test.status == TestStatus::passed ? "passed" : "failed"},
                     {"name", printable(test.name)},
                     {"number", std::to_string(i + 1)},
                     {"output", output_of(test)},
                     {"output_format", "text"},
                     // One that is hidden would hide the total score with it.
                     {"visibility", "visible"}});
  }
  return written({{"score", row.score.hundredths / 100.0},
                  {"output", summary_of(row)},
                  {"output_format", "text"},
                  {"visibility", "visible"},
                  {"stdout_visibility", "hidden"},
                  {"tests", tests}});
}

std::string github_output(const GradeRow& row) {
  json tests = json::array();
  for (const auto& test : row.student.tests)
    tests.push_back({{"name", printable(test.name)},
                     {"status", test.status == TestStatus::passed ? "pass" : "fail"},
                     {"score", test.earned},
                     {"message", output_of(test)},
                     {"line_no", 0},
                     {"test_code", ""}});
  // What lateness takes, or an instructor gave, is a line of its own: the reporter adds the lines up.
  const double rest = row.score.hundredths / 100.0 - row.score.raw;
  if (rest != 0)
    tests.push_back({{"name", rest < 0 ? "taken away" : "given"},
                     {"status", rest < 0 ? "fail" : "pass"},
                     {"score", rest},
                     {"message", summary_of(row)},
                     {"line_no", 0},
                     {"test_code", ""}});
  const bool all = row.student.state == GradeState::passed;
  const json result = {
      {"version", 1}, {"status", all ? "pass" : "fail"}, {"max_score", row.score.possible}, {"tests", tests}};
  return "result=" + base64(result.dump(-1, ' ', false, json::error_handler_t::replace)) + "\n";
}

Result<Filled> fill_canvas(const std::string& csv, const fs::path& file, const std::string& assignment,
                           const std::vector<GradeRow>& rows) {
  auto table = parse_csv(csv, file);
  if (!table) return fail(table.error());
  constexpr std::size_t leading = 5;  // Student, ID, SIS User ID, SIS Login ID, Section
  if (table->empty() || table->front().size() <= leading || !column(table->front(), "ID"))
    return fail(Fault::usage, fmt::format("{} is no gradebook of Canvas", file.string()),
                "export it: Grades, Export, Export Entire Gradebook");
  const CsvRow& header = table->front();
  std::vector<std::size_t> places;
  for (std::size_t i = leading; i < header.size(); ++i)
    if (header[i] == assignment || (header[i].starts_with(assignment + " (") && header[i].ends_with(')')))
      places.push_back(i);
  if (places.size() != 1)
    return fail(Fault::usage,
                fmt::format("{} has {} column{} for {}", file.string(), places.empty() ? "no" : "more than one",
                            places.empty() ? "" : "s", labctl::quoted(assignment)),
                "its columns are: " + join({header.begin() + leading, header.end()}, ", "));
  const auto id_place = column(header, "ID");
  const auto by = identifying_column(*table, rows);
  std::vector<CsvRow> filled;
  std::set<std::string> known;
  for (const auto& row : *table) {
    const bool is_header = &row == &table->front();
    // Not a student's: "Points Possible", and what Canvas says of posting.
    const bool of_nobody = is_header || field(row, id_place).empty();
    const GradeRow* grade = of_nobody ? nullptr : graded(rows, field(row, by));
    if (grade != nullptr && !known.insert(grade->student.id).second)
      return fail(Fault::usage, fmt::format("{} has two rows for {}", file.string(), printable(grade->student.id)));
    if (!of_nobody && (grade == nullptr || !grade->score.graded)) continue;
    CsvRow made(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(std::min(leading, row.size())));
    made.push_back(of_nobody ? field(row, places.front()) : hundredths_text(grade->score.hundredths));
    filled.push_back(std::move(made));
  }
  return Filled{write_csv(filled, Formulas::kept), without(rows, known)};
}

Result<Filled> fill_moodle(const std::string& csv, const fs::path& file, const std::vector<GradeRow>& rows) {
  auto table = parse_csv(csv, file);
  if (!table) return fail(table.error());
  const auto not_one = [&file] {
    return fail(Fault::usage, fmt::format("{} is no grading worksheet of Moodle", file.string()),
                "download it: the assignment, View all submissions, Download grading worksheet");
  };
  if (table->empty()) return not_one();
  const auto identifier = column(table->front(), "Identifier");
  const auto grade_place = column(table->front(), "Grade");
  const auto most = column(table->front(), "Maximum Grade");
  if (!identifier || !grade_place) return not_one();
  std::set<std::string> known;
  for (auto& row : *table) {
    if (&row == &table->front()) continue;
    std::string id = field(row, identifier);
    if (const std::string before = "Participant "; id.starts_with(before)) id = id.substr(before.size());
    const GradeRow* grade = graded(rows, id);
    if (grade == nullptr) continue;
    known.insert(id);
    if (!grade->score.graded) continue;
    const std::string maximum = field(row, most);
    if (!maximum.empty() && std::strtod(maximum.c_str(), nullptr) != grade->score.possible)
      return fail(Fault::usage,
                  fmt::format("Moodle's maximum grade is {}, the lab has {} points", maximum, grade->score.possible),
                  "set the assignment's maximum grade to the lab's points, and download the worksheet again");
    if (row.size() <= *grade_place) row.resize(*grade_place + 1);
    row[*grade_place] = hundredths_text(grade->score.hundredths);
  }
  return Filled{write_csv(*table, Formulas::kept), without(rows, known)};
}

}  // namespace labctl
