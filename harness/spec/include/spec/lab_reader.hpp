// lab.yaml → model::Lab. Strict: what it does not know is an error, and all errors come at once.
// The language is described in docs/lab-language.md.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "model/lab.hpp"
#include "support/result.hpp"

namespace labctl {

// One fault in a spec. line and column count from 1; a column is a character (a code point), not a byte.
struct Diagnostic {
  int line = 0;
  int column = 0;
  std::string message;  // what is wrong with which value; one line, safe to print
  std::string hint;     // the nearest valid name, or what is allowed; may be empty
};

// "file:line:column: error: message", the source line, a caret under the column, and the hint. No final newline.
// Safe to print whatever text holds; a long source line is cut to the part around the caret.
std::string format_diagnostic(const std::filesystem::path& file, std::string_view text, const Diagnostic& diagnostic);

struct LabReading {
  Lab lab;                              // file and text always; the rest is meaningful only without diagnostics
  std::vector<Diagnostic> diagnostics;  // in the file's order, at most 1000
  std::size_t omitted = 0;              // faults found beyond those kept
};

// Pure: never throws, whatever the bytes; time and memory are bounded by the size of text, which is refused beyond
// Limits::spec_bytes. file is a name for locations; where it names the lab's folder, that must agree with the lab's id.
LabReading parse_lab(const std::filesystem::path& file, const std::string& text);

// Reads and parses. An error only for a file that is no spec at all: Fault::usage where it is not there, not a file or
// too large, Fault::harness where it cannot be read.
Result<LabReading> read_spec(const std::filesystem::path& file);

// The same for whoever wants a good lab or none. The error's message holds the formatted diagnostics, at most 50 of
// them. Fault::usage; Fault::harness only when a file that is there cannot be read.
Result<Lab> read_lab(const std::filesystem::path& file);

// Whether a lab can have this name: a to z, 0 to 9 and -, at most 64, not - first.
bool is_lab_name(std::string_view name);

}  // namespace labctl
