// A lab as labctl understood it, for other programs.
#pragma once

#include <string>

#include "model/lab.hpp"

namespace labctl {

// JSON: what the spec says, with its defaults filled in, tests and steps in their order, repeats written out. A step
// has its kind, its summary and its expectations in the words of lab_text(), and its settings as values.
std::string lab_json(const Lab& lab);

}  // namespace labctl
