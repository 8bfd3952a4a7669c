// Expectations that read a text as something: bytes, numbers, lines, a table, JSON. Inside check/ only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/lab.hpp"
#include "model/result.hpp"

namespace labctl {

// As check_text(), which calls it.
std::vector<CheckResult> check_structure(std::string_view noun, const TextExpectation& expect, const std::string& text,
                                         bool truncated);

}  // namespace labctl
