#include "debug_rerun.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kernel_needs.hpp"

namespace labctl {

std::vector<PlannedRun> debug_reruns(const Lab& lab, const std::vector<TestResult>& results) {
  std::vector<PlannedRun> plan;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const TestResult& result = results[i];
    const auto& flavours = lab.tests[i].flavours;
    const bool ended_badly = result.status == TestStatus::crashed || result.status == TestStatus::timeout;
    const bool in_debug_too = std::find(flavours.begin(), flavours.end(), "debug") != flavours.end();
    if (ended_badly && result.run.flavour == "release" && !in_debug_too)
      plan.push_back({i, {result.run.number, "debug", result.run.cpus}});
  }
  return plan;
}

Status rerun_in_debug(const Lab& lab, const RunOptions& options, const RunnerParts& parts, const LabTester& test,
                      LabResult& result) {
  if (!options.debug_rerun) return {};
  auto plan = debug_reruns(lab, result.tests);
  if (plan.empty()) return {};
  const std::string& kernel = result.kernels.front().name;
  const std::vector<std::size_t> places = [&plan] {
    std::vector<std::size_t> tests;
    for (const auto& planned : plan)
      tests.push_back(planned.test);
    return tests;
  }();
  if (!parts.kernels.find(kernel, "debug", options_needed(lab))) {
    for (const std::size_t place : places)
      result.tests[place].in_debug.emplace().missing =
          fmt::format("a debug kernel may say more: labctl kernel build {} --flavour debug", kernel);
    return {};
  }

  Lab again = lab;
  again.tests.clear();
  for (std::size_t i = 0; i < plan.size(); ++i) {
    again.tests.push_back(lab.tests[places[i]]);
    again.tests.back().needs.clear();  // it was done, so what it needs did pass
    plan[i].test = i;
  }
  RunOptions in_debug = options;
  in_debug.kernel = kernel;
  in_debug.flavour = "debug";
  parts.progress.note("what went wrong is done again in a debug kernel, which says more of it");
  auto tests = test(again, plan, in_debug, result.folder / "in-debug");
  if (!tests && tests.error().fault == Fault::interrupted) return fail(tests.error());
  for (std::size_t i = 0; i < places.size(); ++i) {
    DebugRun& run = result.tests[places[i]].in_debug.emplace();
    if (!tests || (*tests)[i].status == TestStatus::infrastructure_error) {
      run.missing = "no second run in a debug kernel: " + (tests ? (*tests)[i].message : tests.error().message);
    } else {
      TestResult& done = (*tests)[i];
      run.status = done.status;
      run.message = std::move(done.message);
      run.reports = std::move(done.reports);
      run.folder = std::move(done.folder);
    }
  }
  return {};
}

}  // namespace labctl
