// Frames of a module's functions → lines of its sources, by the debug information in its .ko.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "model/kernel_report.hpp"
#include "support/result.hpp"

namespace labctl {

struct SourcePlace {
  std::string function;
  std::string file;  // as the compiler was told: "/build/hello.c"
  int line = 0;      // from 1
};

// A module's debug information. Not shared between threads.
class ModuleSymbols {
 public:
  // ko: built with -g. One without debug information is opened, and knows no place. Fault::harness when it is no .ko.
  static Result<ModuleSymbols> open(const std::filesystem::path& ko);
  ModuleSymbols(ModuleSymbols&&) noexcept;
  ModuleSymbols& operator=(ModuleSymbols&&) noexcept;
  ~ModuleSymbols();

  // Where the frame is: one place, or several where functions were inlined, the innermost first. Of a return address it
  // is the line of the call. Empty where it is not known: no such function, or several of that name.
  std::vector<SourcePlace> places(const StackFrame& frame) const;

  // Where the module's code first refers to a symbol that it takes from elsewhere, as for places(). Empty where it is
  // not known.
  std::vector<SourcePlace> use_of(const std::string& symbol) const;

 private:
  class Reader;
  explicit ModuleSymbols(std::unique_ptr<Reader> reader);
  std::unique_ptr<Reader> reader_;
};

}  // namespace labctl
