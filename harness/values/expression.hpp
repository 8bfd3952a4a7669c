// What stands between ${ and }. Inside values/ only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"
#include "values/values.hpp"

namespace labctl {

// The names in an expression, in order; Fault::usage when it cannot be read.
Result<std::vector<std::string>> names_in(std::string_view expression);

// Errors as for expand().
Result<std::string> evaluate(std::string_view expression, const Values& values);

}  // namespace labctl
