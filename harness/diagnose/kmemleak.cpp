#include "diagnose/kmemleak.hpp"

#include <algorithm>

#include "frames.hpp"
#include "scan.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

constexpr std::uint64_t module_space = 0xffffffffa0000000;  // where x86-64 loads modules, up to the end

// No module is loaded: code there has no name any more, and was a module's.
bool is_a_modules(const LeakedObject& object) {
  return std::any_of(object.trace.begin(), object.trace.end(),
                     [](const StackFrame& frame) { return frame.address >= module_space; });
}

// "age 12.345s"
std::chrono::microseconds age_in(std::string_view text) {
  const auto seconds = take_decimal(text);
  if (!seconds || !skip(text, ".")) return std::chrono::microseconds(0);
  return std::chrono::seconds(*seconds) + std::chrono::milliseconds(take_decimal(text).value_or(0));
}

}  // namespace

std::vector<LeakedObject> leaked_objects(std::string_view file, std::chrono::microseconds now) {
  std::vector<LeakedObject> objects;
  bool in_trace = false;
  for (const std::string_view line : split_lines(file)) {
    if (line.starts_with("unreferenced object ")) {
      objects.emplace_back();
      objects.back().allocated = now;  // newer kernels do not print the age
      in_trace = false;
      if (auto size = between(line, "(size ", ")")) objects.back().bytes = take_decimal(*size).value_or(0);
    } else if (objects.empty()) {
      continue;
    } else if (const auto age = between(line, "(age ", "s)")) {
      objects.back().allocated = now - age_in(*age);
    } else if (without_blanks(line).starts_with("backtrace")) {
      in_trace = true;
    } else if (in_trace) {
      if (const auto frame = stack_frame(line)) objects.back().trace.push_back(*frame);
    }
  }
  std::erase_if(objects, [](const LeakedObject& object) { return !is_a_modules(object); });
  return objects;
}

}  // namespace labctl
