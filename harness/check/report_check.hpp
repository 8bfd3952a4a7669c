// Kernel reports × expected reports. Inside check/ only.
#pragma once

#include <vector>

#include "model/lab.hpp"
#include "model/result.hpp"

namespace labctl {

// Marks those of reports that one of `wanted` is about, and gives a check for each of `wanted` that must come.
std::vector<CheckResult> check_reports(const std::vector<ExpectedReport>& wanted, std::vector<KernelReport>& reports);

}  // namespace labctl
