// Frames of a module's or the kernel's functions → lines of their sources, by the debug information of a .ko or a
// vmlinux.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
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

// The debug information of a module or a kernel. Not shared between threads.
class CodeSymbols {
 public:
  // file: a .ko or a vmlinux, built with -g. One without debug information is opened, and knows no place.
  // Fault::harness when it is neither.
  static Result<CodeSymbols> open(const std::filesystem::path& file);
  CodeSymbols(CodeSymbols&&) noexcept;
  CodeSymbols& operator=(CodeSymbols&&) noexcept;
  ~CodeSymbols();

  // Where the frame is: one place, or several where functions were inlined, the innermost first. Of a return address it
  // is the line of the call. Empty where it is not known: no such function, or several of that name.
  std::vector<SourcePlace> places(const StackFrame& frame) const;

  // Where the frame's function is defined. Empty as for places().
  std::vector<SourcePlace> definition(const StackFrame& frame) const;

  // The frame at a byte of a section of code, such as ".text"; exact as in StackFrame. Nothing outside its functions.
  std::optional<StackFrame> frame_at(const std::string& section, std::uint64_t offset, bool exact) const;

  // Of a module: the frame whose return address is so far from the start of a page, where it is not known at which
  // address the module was: the kernel begins .text and .init.text with a page. Nothing where no call ends there, or
  // several do.
  std::optional<StackFrame> call_on_page(std::uint64_t offset) const;

  // Where a module's code first refers to a symbol that it takes from elsewhere, as for places(). Empty where it is
  // not known.
  std::vector<SourcePlace> use_of(const std::string& symbol) const;

 private:
  class Reader;
  explicit CodeSymbols(std::unique_ptr<Reader> reader);
  std::unique_ptr<Reader> reader_;
};

}  // namespace labctl
