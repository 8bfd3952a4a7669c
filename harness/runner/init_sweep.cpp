#include "init_sweep.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "init_faults.hpp"
#include "lab_tests.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// That are done at once: a block that reaches beyond init has done some for nothing.
constexpr std::size_t block = 8;

// One test's runs with a failing allocation.
class Sweep {
 public:
  Sweep(const Lab& lab, std::size_t test, const RunOptions& options, const LabTester& tester, const LabResult& result)
      : lab_(lab),
        test_(lab.tests[test]),
        passed_(result.tests[test]),
        options_(options),
        tester_(tester),
        folder_(result.folder / "failing-allocations" / fmt::format("{:02}", test + 1)) {
    options_.kernel = result.kernels.front().name;
  }

  Result<InitFaults> of_load(std::size_t load) {
    const auto counted = std::find_if(passed_.counted_loads.begin(), passed_.counted_loads.end(),
                                      [load](const CountedLoad& one) { return one.step == load; });
    if (counted == passed_.counted_loads.end() || counted->allocations == 0)
      return fail(Fault::harness, "the guest's kernel did not count the allocations of a load",
                  "build it again: labctl kernel build NAME --flavour debug");
    std::vector<FaultRun> tried;
    while (true) {
      const auto next = next_allocations(counted->allocations, tried, block);
      if (next.empty()) break;
      auto results = fail_each(load, next);
      if (!results) return fail(results.error());
      for (std::size_t i = 0; i < next.size(); ++i)
        tried.push_back({next[i], std::move((*results)[i])});
    }
    const std::vector<fs::path> folders = [&tried] {
      std::vector<fs::path> all;
      for (const FaultRun& run : tried)
        all.push_back(run.result.folder);
      return all;
    }();
    InitFaults faults = init_faults(std::get<LoadStep>(test_.steps[load].action).module, std::move(tried));
    for (const fs::path& folder : folders)
      if (std::none_of(faults.runs.begin(), faults.runs.end(),
                       [&folder](const TestResult& kept) { return kept.folder == folder; }))
        forget(folder);
    return faults;
  }

 private:
  Result<std::vector<TestResult>> fail_each(std::size_t load, const std::vector<std::uint32_t>& allocations) {
    Lab again = lab_;
    again.tests.clear();
    std::vector<PlannedRun> plan;
    for (const std::uint32_t allocation : allocations) {
      plan.push_back({again.tests.size(), passed_.run});
      again.tests.push_back(with_failing_allocation(test_, load, allocation));
    }
    return tester_(again, plan, options_, folder_ / fmt::format("step-{}-from-{}", load + 1, allocations.front()));
  }

  // Of a run that says nothing of init.
  static void forget(const fs::path& folder) {
    std::error_code ignored;
    if (!folder.empty()) fs::remove_all(folder, ignored);
  }

  const Lab& lab_;
  const Test& test_;
  const TestResult& passed_;
  RunOptions options_;
  const LabTester& tester_;
  const fs::path folder_;
};

Result<TestResult> sweep(const Lab& lab, std::size_t test, const RunOptions& options, const LabTester& tester,
                         const LabResult& result) {
  Sweep runs(lab, test, options, tester, result);
  std::vector<InitFaults> faults;
  for (const std::size_t load : loads_with_faults(lab.tests[test])) {
    auto of_one = runs.of_load(load);
    if (!of_one) return fail(of_one.error());
    faults.push_back(std::move(*of_one));
  }
  return with_init_faults(result.tests[test], std::move(faults));
}

}  // namespace

Status sweep_inits(const Lab& lab, const RunOptions& options, const RunnerParts& parts, const LabTester& test,
                   LabResult& result) {
  bool told = false;
  for (std::size_t i = 0; i < lab.tests.size(); ++i) {
    if (!lab.tests[i].init_faults || result.tests[i].status != TestStatus::passed) continue;
    if (!told) parts.progress.note("what passed is done again with the allocations of init failing, one a run");
    told = true;
    auto swept = sweep(lab, i, options, test, result);
    if (!swept && swept.error().fault == Fault::interrupted) return fail(swept.error());
    result.tests[i] =
        swept ? std::move(*swept) : not_judged(lab.tests[i], TestStatus::infrastructure_error, swept.error().message);
  }
  if (told) withdraw_what_says_nothing(lab, result.tests);
  return {};
}

}  // namespace labctl
