// What holds of the spec reader whatever it is given. The fuzzer looks for bytes for which it does not; a unit test
// replays the fuzzer's corpus.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

#include "spec/lab_reader.hpp"
#include "support/text.hpp"

namespace labctl::fuzz {

inline std::string diagnostic_fault(const std::string& text, const Diagnostic& diagnostic) {
  if (diagnostic.line < 1 || diagnostic.column < 1 || diagnostic.message.empty())
    return "a diagnostic without place or message";
  const std::string shown = format_diagnostic("lab.yaml", text, diagnostic);
  const std::string place = fmt::format("lab.yaml:{}:{}: error: ", diagnostic.line, diagnostic.column);
  if (!shown.starts_with(place)) return "a diagnostic that is shown without its place";
  if (shown != printable(shown)) return "a diagnostic that is not safe to print";
  constexpr std::size_t for_people = 4000;
  if (shown.size() > for_people) return fmt::format("a diagnostic of {} bytes", shown.size());
  return "";
}

// Of a lab that was taken for good.
inline std::string lab_fault(const Lab& lab) {
  if (!is_lab_name(lab.id)) return "a lab without a name, and no diagnostic";
  if (lab.modules.empty()) return "a lab without modules, and no diagnostic";
  if (lab.tests.empty()) return "a lab without tests, and no diagnostic";
  for (const auto& test : lab.tests) {
    if (test.name.empty() || test.steps.empty()) return "a test without name or steps, and no diagnostic";
    for (const auto& step : test.steps) {
      const std::string summary = step_summary(step);
      if (summary.empty() || summary != printable(summary)) return "a step whose summary is not safe to print";
    }
  }
  return "";
}

// The property that does not hold for these bytes; empty when all do.
inline std::string lab_spec_fault(const std::string& text) {
  LabReading reading;
  try {
    reading = parse_lab("lab.yaml", text);
  } catch (const std::exception& exception) {
    return fmt::format("parse_lab() throws: {}", exception.what());
  }
  if (reading.diagnostics.empty())
    return reading.omitted == 0 ? lab_fault(reading.lab) : "errors, and none of them kept";
  std::pair<int, int> before{1, 1};
  for (const auto& diagnostic : reading.diagnostics) {
    if (auto fault = diagnostic_fault(text, diagnostic); !fault.empty()) return fault;
    const std::pair<int, int> place{diagnostic.line, diagnostic.column};
    if (place < before) return "diagnostics that are not in the file's order";
    before = place;
  }
  return "";
}

}  // namespace labctl::fuzz
