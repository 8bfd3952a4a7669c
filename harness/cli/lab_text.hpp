// A lab in words, as labctl understands its spec: defaults filled in, repeats written out.
#pragma once

#include <string>
#include <vector>

#include "model/lab.hpp"

namespace labctl {

// Several lines, safe to print.
std::string lab_text(const Lab& lab);

// What a step must give, one expectation a line; never empty.
std::vector<std::string> expectations_of(const Step& step);

}  // namespace labctl
