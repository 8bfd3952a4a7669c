#include "intake/roster.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "intake/csv.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// A CSV's columns by name.
class Table {
 public:
  static Result<Table> read(const fs::path& file, const std::vector<std::string>& required) {
    auto rows = read_csv(file);
    if (!rows) return fail(rows.error());
    if (rows->empty()) return fail(Fault::usage, fmt::format("{} is empty", file.string()));
    Table table(file, std::move(*rows));
    for (const auto& name : required)
      if (!table.column(name))
        return fail(Fault::usage, fmt::format("{} has no column {}", file.string(), name),
                    "its columns are: " + join(table.rows_.front(), ", "));
    return table;
  }

  std::size_t size() const { return rows_.size() - 1; }

  // Trimmed; empty where there is no such column.
  std::string at(std::size_t row, const std::string& name) const {
    const auto place = column(name);
    const auto& fields = rows_[row + 1];
    return place && *place < fields.size() ? trimmed(fields[*place]) : "";
  }

  std::string where(std::size_t row) const { return fmt::format("{}, record {}", file_.string(), row + 2); }

 private:
  Table(fs::path file, std::vector<std::vector<std::string>> rows) : file_(std::move(file)), rows_(std::move(rows)) {}

  static std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(" \t");
    return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
  }

  std::optional<std::size_t> column(const std::string& name) const {
    const auto& header = rows_.front();
    for (std::size_t i = 0; i < header.size(); ++i) {
      std::string plain = trimmed(header[i]);
      for (char& c : plain)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      if (plain == name) return i;
    }
    return std::nullopt;
  }

  fs::path file_;
  std::vector<std::vector<std::string>> rows_;
};

constexpr int most_points = 1'000'000;

std::optional<int> whole_number(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::chrono::sys_seconds> parse_time(const std::string& text) {
  static const re2::RE2 pattern(
      R"((\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|([+-])(\d\d):?(\d\d))?)");
  int year = 0, hour = 0, minute = 0, second = 0, off_hours = 0, off_minutes = 0;
  unsigned month = 0, day = 0;
  std::string seconds, zone, sign, hours, minutes;
  if (!re2::RE2::FullMatch(text, pattern, &year, &month, &day, &hour, &minute, &seconds, &zone, &sign, &hours,
                           &minutes))
    return std::nullopt;
  second = whole_number(seconds).value_or(0);
  off_hours = whole_number(hours).value_or(0);
  off_minutes = whole_number(minutes).value_or(0);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::chrono::minutes offset(off_hours * 60 + off_minutes);
  const auto local = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                     std::chrono::seconds(second);
  return sign == "-" ? local + offset : local - offset;
}

Result<std::vector<Student>> read_roster(const fs::path& file) {
  auto table = Table::read(file, {"id"});
  if (!table) return fail(table.error());
  std::vector<Student> students;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < table->size(); ++i) {
    Student student{table->at(i, "id"), table->at(i, "name"), table->at(i, "email"), std::nullopt};
    if (student.email.empty()) student.email = table->at(i, "e-mail");
    if (student.id.empty()) return fail(Fault::usage, table->where(i) + ": it has no id");
    if (!seen.insert(student.id).second)
      return fail(Fault::usage,
                  fmt::format("{}: a second student with the id {}", table->where(i), labctl::quoted(student.id)),
                  "every student needs an id of their own");
    if (const auto time = table->at(i, "submitted"); !time.empty()) {
      student.submitted = parse_time(time);
      if (!student.submitted)
        return fail(Fault::usage, fmt::format("{}: {} is no time", table->where(i), labctl::quoted(time)),
                    "write it like 2026-11-20T23:59:00Z");
    }
    students.push_back(std::move(student));
  }
  return students;
}

Result<std::vector<Override>> read_overrides(const fs::path& file) {
  auto table = Table::read(file, {"id", "points", "reason"});
  if (!table) return fail(table.error());
  std::vector<Override> overrides;
  for (std::size_t i = 0; i < table->size(); ++i) {
    const auto points = whole_number(table->at(i, "points"));
    Override one{table->at(i, "id"), table->at(i, "test"), points.value_or(0), table->at(i, "reason")};
    if (one.id.empty()) return fail(Fault::usage, table->where(i) + ": it has no id");
    if (!points || *points < 0 || *points > most_points)
      return fail(Fault::usage, fmt::format("{}: {} is no number of points", table->where(i),
                                            labctl::quoted(table->at(i, "points"))));
    if (one.reason.empty())
      return fail(Fault::usage, table->where(i) + ": it has no reason", "say why, for whoever reads it next year");
    const bool again = std::any_of(overrides.begin(), overrides.end(),
                                   [&](const Override& other) { return other.id == one.id && other.test == one.test; });
    if (again) return fail(Fault::usage, table->where(i) + ": a second line for the same student and test");
    overrides.push_back(std::move(one));
  }
  return overrides;
}

}  // namespace labctl
