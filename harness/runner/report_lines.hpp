// The lines of a lab's modules, and of its kernel, that kernel reports are about.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/build_result.hpp"
#include "model/kernel_report.hpp"
#include "model/observation.hpp"
#include "symbols/code_symbols.hpp"

namespace labctl {

// What code of a machine was built from.
struct CodeBuilds {
  const std::vector<BuildResult>& modules;
  std::filesystem::path kernel;  // its vmlinux with symbols; empty: frames of the kernel's get no lines
};

// Gives every frame of the reports or leaks that lies in one of these modules or the kernel its lines. One that is
// an address only is given its function first, if the address was in a module that one of the steps had loaded by then,
// and is taken out where it was in none: to people it says nothing. What has symbols that cannot be read leaves its
// frames as they are: a report without lines is a report all the same.
void find_lines(std::vector<KernelReport>& reports, const std::vector<Observation>& steps, const CodeBuilds& builds);
void find_lines(std::vector<LeakedObject>& leaks, const std::vector<Observation>& steps, const CodeBuilds& builds);
void find_lines(std::vector<StackFrame>& trace, const CodeBuilds& builds);

// Pure: a place by the compiler's word, as the user knows it: the file is one of the module's, or a header of the
// kernel's ("include/linux/list.h"); of the kernel itself, from the top of its tree.
SourceLine source_line(const SourcePlace& place, const std::vector<BuiltSource>& sources);

}  // namespace labctl
