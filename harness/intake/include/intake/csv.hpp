// Comma-separated values (RFC 4180), as spreadsheets and learning platforms read and write them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace labctl {

using CsvRow = std::vector<std::string>;

// Every record, the header too. A byte order mark is no part of the first field; empty lines are no records. Separated
// by ';' where the first line has no ',' but a ';', as spreadsheets of some languages write it.
Result<std::vector<CsvRow>> parse_csv(std::string_view text, const std::filesystem::path& file);

// Fault::usage where the file cannot be read.
Result<std::vector<CsvRow>> read_csv(const std::filesystem::path& file);

enum class Formulas {
  defused,  // what a spreadsheet would take for a formula has a ' in front
  kept,     // for a file whose fields are another program's, not a student's
};

// Records end with "\n".
std::string write_csv(const std::vector<CsvRow>& rows, Formulas formulas = Formulas::defused);

}  // namespace labctl
