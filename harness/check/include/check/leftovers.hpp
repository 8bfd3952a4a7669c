// Surveys of a kernel → what modules left behind in it. Pure.
#pragma once

#include <string>
#include <vector>

#include "model/lab.hpp"
#include "model/leftover.hpp"
#include "model/observation.hpp"
#include "model/result.hpp"

namespace labctl {

// Whether any module is loaded.
bool has_modules(const Survey& survey);

// What is in `after` and not in `before`, without what is allowed, in the order of leftover_kinds() and then of names.
// What the kernel makes and drops when it likes (kworkers, processes) is none. A file or folder that `before` does not
// have counts as empty there.
std::vector<Leftover> find_leftovers(const Survey& before, const Survey& after,
                                     const std::vector<AllowedLeftover>& allowed);

// The leaked objects as leftovers, named after the function of a module that allocated them, those of one line and size
// together; without what is allowed.
std::vector<Leftover> leaks_as_leftovers(const std::vector<LeakedObject>& leaks,
                                         const std::vector<AllowedLeftover>& allowed);

// Why nothing can be said of what was left behind: the first survey was cut. Empty: it can.
std::string why_leftovers_are_unknown(const Surveys& surveys);

// The check that nothing was left behind. cut: there was more to look at afterwards than labctl takes.
CheckResult leftover_check(const std::vector<Leftover>& leftovers, bool cut);

}  // namespace labctl
