#include "intake/csv.hpp"

#include <csv.h>
#include <fmt/format.h>

#include "support/files.hpp"

namespace labctl {

namespace {

constexpr std::uint64_t most_bytes = 16ULL << 20;

struct Rows {
  std::vector<CsvRow> all;
  CsvRow current;
};

extern "C" void take_field(void* bytes, std::size_t size, void* rows) {
  static_cast<Rows*>(rows)->current.emplace_back(static_cast<const char*>(bytes), size);
}

extern "C" void take_record(int, void* data) {
  auto* rows = static_cast<Rows*>(data);
  rows->all.push_back(std::move(rows->current));
  rows->current.clear();
}

// Numbers, negative ones too, stay what they are.
bool is_formula(const std::string& field) {
  if (field.empty() || std::string_view("=+-@\t\r").find(field.front()) == std::string_view::npos) return false;
  return field.find_first_not_of("+-0123456789.") != std::string::npos || field.size() == 1;
}

std::string written(const std::string& field, Formulas formulas) {
  const std::string text = formulas == Formulas::defused && is_formula(field) ? "'" + field : field;
  if (text.find_first_of(",;\"\r\n") == std::string::npos) return text;
  std::string quoted_text(text.size() * 2 + 2, '\0');
  quoted_text.resize(csv_write(quoted_text.data(), quoted_text.size(), text.data(), text.size()));
  return quoted_text;
}

}  // namespace

Result<std::vector<CsvRow>> parse_csv(std::string_view text, const std::filesystem::path& file) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::string_view first = text.substr(0, text.find('\n'));
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) return fail(Fault::harness, "no memory for a CSV file");
  if (first.find(',') == std::string_view::npos && first.find(';') != std::string_view::npos)
    csv_set_delim(&parser, ';');
  csv_set_space_func(&parser, [](unsigned char) { return 0; });  // blanks are part of a field
  Rows rows;
  const std::size_t read = csv_parse(&parser, text.data(), text.size(), take_field, take_record, &rows);
  const bool good = read == text.size() && csv_fini(&parser, take_field, take_record, &rows) == 0;
  csv_free(&parser);
  if (!good)
    return fail(Fault::usage,
                fmt::format("{} is no CSV: a quote is wrong in record {}", file.string(), rows.all.size() + 1));
  return std::move(rows.all);
}

Result<std::vector<CsvRow>> read_csv(const std::filesystem::path& file) {
  auto text = read_file(file, most_bytes);
  if (!text) return fail(Fault::usage, text.error().message, text.error().hint);
  return parse_csv(*text, file);
}

std::string write_csv(const std::vector<CsvRow>& rows, Formulas formulas) {
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      text += (i == 0 ? "" : ",") + written(row[i], formulas);
    text += "\n";
  }
  return text;
}

}  // namespace labctl
