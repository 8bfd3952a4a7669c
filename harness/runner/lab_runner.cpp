#include "runner/lab_runner.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "build_stage.hpp"
#include "debug_rerun.hpp"
#include "init_sweep.hpp"
#include "lab_tests.hpp"
#include "machines.hpp"
#include "runner/plan.hpp"
#include "support/files.hpp"

namespace labctl {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

// A bench for each flavour of the plan. What one of several has is kept in a folder of its own.
Result<Benches> open_benches(const Lab& lab, const std::vector<std::string>& flavours, const RunOptions& options,
                             const RunnerParts& parts, const fs::path& folder, LabResult& result) {
  Benches benches;
  for (const auto& flavour : flavours) {
    const fs::path place = flavours.size() == 1 ? folder : folder / flavour;
    std::error_code error;
    fs::create_directories(place, error);
    if (error) return fail(system_error("cannot create", place, error.value()).value());
    auto bench = open_bench(lab, flavour, options, parts, place);
    if (!bench) return fail(bench.error());
    result.kernels.push_back(bench->kernel.identity);
    benches.emplace(flavour, std::move(*bench));
  }
  return benches;
}

// Programs are built only where there is a machine for them.
Status fill_benches(const Lab& lab, const RunOptions& options, const RunnerParts& parts, bool machines,
                    Benches& benches, LabResult& result) {
  bool some_built = false;
  for (const auto& kernel : result.kernels) {
    Bench& bench = benches.at(kernel.flavour);
    if (auto built = build_modules(lab, options, parts, bench); !built) return built;
    result.builds.insert(result.builds.end(), bench.builds.begin(), bench.builds.end());
    some_built = some_built || bench.unbuilt.empty();
  }
  return machines && some_built ? build_programs(lab, options, parts, benches) : Status();
}

// Every kind of machine that the plan needs; null where it needs none.
Result<std::unique_ptr<Machines>> make_machines(const Lab& lab, const std::vector<PlannedRun>& plan, MachineHost& host,
                                                const RunOptions& options, const RunnerParts& parts,
                                                const Benches& benches) {
  std::unique_ptr<Machines> machines;
  for (const auto& [test, run] : plan) {
    if (needs_no_machine(lab.tests[test])) continue;
    const Kernel& kernel = benches.at(run.flavour).kernel;
    if (!machines) {
      auto opened = Machines::open(lab, host, kernel, options, parts);
      if (!opened) return opened;
      machines = std::move(*opened);
    }
    if (auto ready = machines->prepare(kernel, run); !ready) return fail(ready.error());
  }
  return machines;
}

// A lab's tests by a plan: kernels, machines, builds and runs. Kernels, builds and the accelerator go to result.
Result<std::vector<TestResult>> test_lab(const Lab& lab, const std::vector<PlannedRun>& plan, const RunOptions& options,
                                         const RunnerParts& parts, const fs::path& folder, LabResult& result) {
  std::unique_ptr<MachineHost> local;
  if (parts.host == nullptr) {
    auto qemu = find_qemu(parts.cache, parts.stop);
    if (!qemu) return fail(qemu.error());
    local = make_local_host(std::move(*qemu), options.kvm_device);
  }
  MachineHost& host = local ? *local : *parts.host;
  auto benches = open_benches(lab, flavours_of(plan), options, parts, folder, result);
  if (!benches) return fail(benches.error());
  auto machines = make_machines(lab, plan, host, options, parts, *benches);
  if (!machines) return fail(machines.error());
  if (*machines) result.accelerator = accelerator_name((*machines)->accelerator());
  const auto build = [&] { return fill_benches(lab, options, parts, *machines != nullptr, *benches, result); };
  auto tests = run_tests(lab, plan, *benches, machines->get(), options, parts.stop, folder, build);
  if (!tests) return tests;

  const bool unjudged = std::any_of(tests->begin(), tests->end(), [](const TestResult& test) {
    return test.status == TestStatus::infrastructure_error;
  });
  if (!unjudged || !*machines) return tests;
  for (const auto& [flavour, bench] : *benches)
    if (auto whole = (*machines)->blame_the_cache(bench.kernel); !whole) return fail(whole.error());
  return tests;
}

Status judge(const Lab& lab, const RunOptions& options, const RunnerParts& parts, const fs::path& folder,
             LabResult& result) {
  if (auto kept = write_file(folder / "lab.yaml", lab.text); !kept) return kept;
  auto plan = plan_runs(lab, options.flavour, options.run);
  if (!plan) return fail(plan.error());
  auto tests = test_lab(lab, *plan, options, parts, folder, result);
  if (!tests) return fail(tests.error());
  result.tests = std::move(*tests);
  const auto test_again = [&parts](const Lab& some, const std::vector<PlannedRun>& runs, const RunOptions& how,
                                   const fs::path& where) {
    LabResult unused;  // what the first runs were done with is what the report says
    return test_lab(some, runs, how, parts, where, unused);
  };
  if (auto swept = sweep_inits(lab, options, parts, test_again, result); !swept) return swept;
  return rerun_in_debug(lab, options, parts, test_again, result);
}

}  // namespace

Result<LabResult> run_lab(const Lab& lab, const RunOptions& options, const RunnerParts& parts, const fs::path& folder) {
  const auto began = Clock::now();
  LabResult result;
  result.lab = lab.id;
  result.title = lab.title;
  result.spec = lab.file;
  result.folder = folder;
  if (auto judged = judge(lab, options, parts, folder, result); !judged) {
    const Error& error = judged.error();
    if (error.fault == Fault::interrupted || error.fault == Fault::usage) return fail(error);
    result.error = error.message;
    result.error_hint = error.hint;
    result.tests.clear();
    for (const auto& test : lab.tests)
      result.tests.push_back(not_judged(test, TestStatus::infrastructure_error, error.message));
  }
  result.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
  return result;
}

}  // namespace labctl
