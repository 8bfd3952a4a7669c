// What sparse and checkpatch find in a module's own sources. Inside kmod/ only.
#pragma once

#include <string>
#include <vector>

#include "workshop.hpp"

namespace labctl {

// Whether the programs are there: Fault::harness, with the command that installs what is missing.
Status check_programs(const ModuleBuildOptions& options);

// Their warnings and errors, a line each; all text is as messages are kept. The module has just been built in the
// workshop's folder. Fault::harness when the program does not do its work.
struct SparseResult {
  std::vector<std::string> findings;
  std::string unreadable;  // one line: the file of the module's author that it crashes on, though it reads others
};
Result<SparseResult> run_sparse(const Workshop& shop, const ModuleSource& source);
Result<std::vector<std::string>> run_checkpatch(const Workshop& shop, const ModuleSource& source);

// Pure: of messages as they are kept, the lines that are warnings or errors about the module's own files. marks: what
// they have behind the place, as ": warning: ".
std::vector<std::string> own_findings(const std::string& kept, const ModuleSource& source,
                                      const std::vector<std::string>& marks);

}  // namespace labctl
