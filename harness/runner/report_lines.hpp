// The lines of a lab's modules that kernel reports are about.
#pragma once

#include <string>
#include <vector>

#include "model/build_result.hpp"
#include "model/kernel_report.hpp"
#include "symbols/module_symbols.hpp"

namespace labctl {

// Gives every frame that lies in one of these modules its lines. A module whose symbols cannot be read leaves its
// frames as they are: a report without lines is a report all the same.
void find_lines(std::vector<KernelReport>& reports, const std::vector<BuildResult>& builds);
void find_lines(std::vector<StackFrame>& trace, const std::vector<BuildResult>& builds);

// Pure: a place by the compiler's word, as the user knows it: the file is one of the module's, or a header of the
// kernel's ("include/linux/list.h").
SourceLine source_line(const SourcePlace& place, const std::vector<BuiltSource>& sources);

}  // namespace labctl
