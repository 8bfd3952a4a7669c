// The lines of a lab's modules that kernel reports are about.
#pragma once

#include <string>
#include <vector>

#include "model/build_result.hpp"
#include "model/kernel_report.hpp"
#include "model/observation.hpp"
#include "symbols/module_symbols.hpp"

namespace labctl {

// Gives every frame of the reports or leaks that lies in one of these modules its lines. One that is
// an address only is given its function first, if the address was in a module that one of the steps had loaded by then,
// and is taken out where it was in none: to people it says nothing. A module whose symbols cannot be read leaves its
// frames as they are: a report without lines is a report all the same.
void find_lines(std::vector<KernelReport>& reports, const std::vector<Observation>& steps,
                const std::vector<BuildResult>& builds);
void find_lines(std::vector<LeakedObject>& leaks, const std::vector<Observation>& steps,
                const std::vector<BuildResult>& builds);
void find_lines(std::vector<StackFrame>& trace, const std::vector<BuildResult>& builds);

// Pure: a place by the compiler's word, as the user knows it: the file is one of the module's, or a header of the
// kernel's ("include/linux/list.h").
SourceLine source_line(const SourcePlace& place, const std::vector<BuiltSource>& sources);

}  // namespace labctl
