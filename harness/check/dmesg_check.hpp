// The kernel log against a dmesg step. Inside check/ only.
#pragma once

#include <span>
#include <vector>

#include "model/lab.hpp"
#include "model/observation.hpp"
#include "model/result.hpp"

namespace labctl {

// scope: what the step looks at, before its level filter. test_log: all records of the test so far, which explain
// why a text is not in scope. log_cut: records may be missing, so absence proves nothing.
std::vector<CheckResult> check_dmesg(const DmesgStep& step, std::span<const KmsgRecord> scope,
                                     std::span<const KmsgRecord> test_log, bool log_cut);

}  // namespace labctl
