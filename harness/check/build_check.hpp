// Build expectations. Inside check/ only.
#pragma once

#include <vector>

#include "model/build_result.hpp"
#include "model/lab.hpp"
#include "model/result.hpp"

namespace labctl {

std::vector<CheckResult> check_build(const BuildStep& step, const BuildResult& build);

}  // namespace labctl
