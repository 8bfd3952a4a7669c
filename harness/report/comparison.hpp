// A failed expectation beside what was seen, so that the difference is found at a glance.
#pragma once

#include <string>
#include <vector>

#include "model/result.hpp"
#include "style.hpp"

namespace labctl::report {

// Lines that start at column 0: "expected" and "seen" aligned, further lines of either below its first. In texts that
// had to be equal, the first line that differs is marked with '>'.
std::vector<std::string> comparison(const CheckResult& check, const Style& style);

}  // namespace labctl::report
