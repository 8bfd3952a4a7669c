// A lab's mutants.yaml → model::MutantList. As strict as the reader of lab.yaml, and in the same way.
#pragma once

#include <filesystem>
#include <string>

#include "model/mutant.hpp"
#include "support/result.hpp"

namespace labctl {

// Pure. lab: whose tests and sources it speaks of. file: a name for locations. Fault::usage, with the place of every
// mistake.
Result<MutantList> parse_mutants(const Lab& lab, const std::filesystem::path& file, const std::string& text);

// The file beside the lab's spec; a lab that has none has no mutants. Fault::harness where it cannot be read.
Result<MutantList> read_mutants(const Lab& lab);

}  // namespace labctl
