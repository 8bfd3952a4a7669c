// What every part of the reader shares.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "faults.hpp"
#include "source_text.hpp"

namespace labctl::spec {

struct Context {
  const std::filesystem::path& file;
  const SourceText& source;
  Faults& faults;
  std::vector<std::string> modules = {};  // names that load and unload may give
  bool modules_known = false;             // false when the list itself is at fault: then any name is taken
  // Names that ${...} may hold at this place: the lab's and the test's values, and what the steps before have saved.
  std::vector<std::string> values = {};
  // Background steps and what they save: it is there once they have been waited for.
  std::vector<std::pair<std::string, std::string>> background_values = {};
  // What is left for regular expressions, in RE2 instructions: a spec of nothing but huge ones would take minutes.
  std::int64_t regex_budget = 1'000'000;

  // What is left for repeats, in bytes of steps that are written out: a small spec could ask for any amount.
  std::size_t repeat_budget = 64 << 20;

  SourceLocation location(Position position) const { return {file, position.line, position.column}; }
};

}  // namespace labctl::spec
