#include "spec/lab_reader.hpp"

#include <fmt/format.h>

#include <exception>
#include <system_error>

#include "context.hpp"
#include "faults.hpp"
#include "lab_parser.hpp"
#include "source_text.hpp"
#include "support/files.hpp"
#include "support/limits.hpp"
#include "support/text.hpp"
#include "yaml_tree.hpp"

namespace labctl {
namespace {

constexpr std::size_t max_shown = 50;

std::string too_large(std::uint64_t bytes) {
  return fmt::format("the spec has {}", human_size(bytes));
}

std::string too_large_hint() {
  return fmt::format("a lab spec has at most {}; files that a lab needs lie beside it",
                     human_size(Limits{}.spec_bytes));
}

Lab parse_text(const std::filesystem::path& file, const std::string& text, spec::Faults& faults) {
  const spec::SourceText source(text);
  if (!spec::check_source(source, faults)) return {};
  const auto tree = spec::read_yaml(source, faults);
  if (!tree) return {};
  spec::Context context{file, source, faults};
  return spec::parse_tree(context, *tree);
}

Error reading_error(const LabReading& reading) {
  const Lab& lab = reading.lab;
  const std::size_t count = reading.diagnostics.size() + reading.omitted;
  std::string message =
      fmt::format("{} is not a valid lab spec: {} error{}", printable(lab.file.string()), count, count == 1 ? "" : "s");
  for (std::size_t i = 0; i < std::min(reading.diagnostics.size(), max_shown); ++i) {
    message += "\n" + format_diagnostic(lab.file, lab.text, reading.diagnostics[i]);
  }
  if (count > max_shown) message += fmt::format("\n... and {} more errors", count - max_shown);
  return {Fault::usage, std::move(message), "docs/lab-language.md describes every key"};
}

}  // namespace

LabReading parse_lab(const std::filesystem::path& file, const std::string& text) {
  LabReading reading;
  spec::Faults faults;
  if (text.size() > Limits{}.spec_bytes) {
    faults.add({}, too_large(text.size()), too_large_hint());
  } else {
    // Nothing in there is known to throw but for lack of memory; a spec must not end the program whatever it holds.
    try {
      reading.lab = parse_text(file, text, faults);
    } catch (const std::exception& exception) {
      faults.add({}, "the spec cannot be read: " + spec::shown(exception.what()));
    }
  }
  reading.lab.file = file;
  reading.lab.text = text;
  reading.omitted = faults.omitted();
  reading.diagnostics = faults.take();
  return reading;
}

Result<LabReading> read_spec(const std::filesystem::path& file) {
  const std::string name = printable(file.string());
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return fail(Fault::usage, "there is no lab spec " + name, "a lab is a folder with a lab.yaml");
  }
  if (!error && !std::filesystem::is_regular_file(status)) {
    return fail(Fault::usage, name + " is not a file", "give the lab.yaml");
  }
  const std::uint64_t most = Limits{}.spec_bytes;
  if (const auto bytes = std::filesystem::file_size(file, error); !error && bytes > most) {
    return fail(Fault::usage, name + ": " + too_large(bytes), too_large_hint());
  }
  auto text = read_file(file, most);
  if (!text) return fail(text.error());
  return parse_lab(file, *text);
}

Result<Lab> read_lab(const std::filesystem::path& file) {
  auto reading = read_spec(file);
  if (!reading) return fail(reading.error());
  if (!reading->diagnostics.empty()) return fail(reading_error(*reading));
  return std::move(reading->lab);
}

}  // namespace labctl
