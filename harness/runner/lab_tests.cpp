#include "lab_tests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <thread>

#include "guest.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// A folder name from a test's name: its place in the spec, and what of its letters every file system takes.
std::string numbered_name(std::size_t index, const std::string& name) {
  return fmt::format("{:02}-{}", index + 1, folder_name(name));
}

// The runs of one lab's tests, taken one by one by whoever has time.
class Runs {
 public:
  Runs(const Lab& lab, const std::vector<PlannedRun>& plan, const Benches& benches, Machines* machines,
       const RunOptions& options, StopToken stop, const fs::path& folder)
      : lab_(lab),
        plan_(plan),
        benches_(benches),
        machines_(machines),
        options_(options),
        stop_(stop),
        folder_(folder),
        several_(lab.tests.size()),
        given_up_(lab.tests.size()),
        slots_(plan.size()) {
    for (std::size_t i = 1; i < plan.size(); ++i)
      if (plan[i].test == plan[i - 1].test) several_[plan[i].test] = true;
  }

  // The benches are filled, or will never be: then no run is done.
  void open(bool filled) { gate_.set_value(filled); }

  void work() {
    for (std::size_t i = next_++; i < plan_.size(); i = next_++) {
      const auto& [index, run] = plan_[i];
      const Test& test = lab_.tests[index];
      if (stop_.requested()) {
        slots_[i] = fail(Fault::interrupted, "interrupted");
        continue;
      }
      if (options_.stop_at_failure && failed_) {
        slots_[i] = not_judged(test, TestStatus::not_run, "an earlier test failed");
        continue;
      }
      try {
        slots_[i] = do_run(index, run);
      } catch (const std::exception& thrown) {
        slots_[i] =
            not_judged(test, TestStatus::infrastructure_error, fmt::format("internal error: {}", thrown.what()));
      }
      auto& result = *slots_[i];
      if (!result) continue;
      result->run = run;
      if (result->status == TestStatus::infrastructure_error) given_up_[index] = true;
      if (result->status != TestStatus::passed) failed_ = true;
    }
  }

  // When all work has been done.
  Result<std::vector<TestResult>> take() {
    std::vector<TestResult> results;
    for (std::size_t i = 0; i < plan_.size();) {
      std::vector<TestResult> runs;
      for (const std::size_t test = plan_[i].test; i < plan_.size() && plan_[i].test == test; ++i) {
        if (!*slots_[i]) return fail(slots_[i]->error());
        runs.push_back(std::move(**slots_[i]));
      }
      results.push_back(together(std::move(runs)));
    }
    return results;
  }

 private:
  Result<TestResult> do_run(std::size_t index, const TestRun& run) {
    const Test& test = lab_.tests[index];
    const Bench& bench = benches_.at(run.flavour);
    if (needs_no_machine(test)) {
      if (auto no = wait_until_filled(); !no) return fail(no.error());
      return judge_builds(test, bench.builds);
    }
    // A machine that is restored can come up while modules are still built: the two take about as long.
    const bool early = !is_open() && machines_->restored(run);
    if (!early)
      if (auto no = reason_against(test, bench)) return std::move(*no);
    // What keeps one run from a verdict will keep the others from it too, and may take long.
    if (given_up_[index]) return not_judged(test, TestStatus::not_run, "another run of it could not be judged");
    fs::path folder = folder_ / numbered_name(index, test.name);
    if (several_[index]) folder /= fmt::format("run-{}", run.number);
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
      return not_judged(test, TestStatus::infrastructure_error,
                        fmt::format("cannot create {}: {}", folder.string(), error.message()));
    const std::string seed = seed_of(options_.seed, lab_, test, run.number);
    const TestMachine machine = machines_->machine(bench, run, folder, seed);
    auto guest = Guest::start(machine, options_.limits, stop_);
    if (early)
      if (auto no = reason_against(test, bench)) {
        fs::remove_all(folder, error);
        if (several_[index]) fs::remove(folder.parent_path(), error);  // unless another run is in it
        return std::move(*no);
      }
    return run_test(test, machine, std::move(guest), options_.limits, stop_);
  }

  bool is_open() const { return filled_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

  Status wait_until_filled() const {
    if (filled_.get()) return {};
    return fail(Fault::interrupted, "given up: there is nothing to test");
  }

  // Why a test of a machine is not done, as soon as that is known.
  std::optional<Result<TestResult>> reason_against(const Test& test, const Bench& bench) const {
    if (auto no = wait_until_filled(); !no) return fail(no.error());
    if (bench.unbuilt.empty()) return std::nullopt;
    const bool some_built =
        std::any_of(benches_.begin(), benches_.end(), [](const auto& any) { return any.second.unbuilt.empty(); });
    return not_judged(test, TestStatus::build_failed,
                      fmt::format("module {} did not build{}", bench.unbuilt,
                                  some_built ? " in " + bench.kernel.identity.flavour : ""));
  }

  const Lab& lab_;
  const std::vector<PlannedRun>& plan_;
  const Benches& benches_;
  Machines* machines_;
  const RunOptions& options_;
  const StopToken stop_;
  const fs::path& folder_;
  std::vector<char> several_;                // by test: whether it is done more than once
  std::vector<std::atomic<bool>> given_up_;  // by test: whether one of its runs could not be judged
  std::promise<bool> gate_;
  const std::shared_future<bool> filled_ = gate_.get_future().share();
  std::atomic<bool> failed_ = false;  // whether any run did not pass
  std::atomic<std::size_t> next_ = 0;
  std::vector<std::optional<Result<TestResult>>> slots_;
};

}  // namespace

TestResult not_judged(const Test& test, TestStatus status, const std::string& why) {
  TestResult result;
  result.status = status;
  result.name = test.name;
  result.points = test.points;
  result.hidden = test.hidden;
  result.hint = status == TestStatus::build_failed ? "" : test.hint;
  result.where = test.where;
  result.message = why;
  return result;
}

void withdraw_what_says_nothing(const Lab& lab, std::vector<TestResult>& results) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].status == TestStatus::infrastructure_error) continue;
    for (const auto& needed : lab.tests[i].needs) {
      const auto other = std::find_if(results.begin(), results.end(),
                                      [&needed](const TestResult& result) { return result.name == needed; });
      if (other == results.end() || other->status == TestStatus::passed) continue;
      // Nobody's verdict on that one is nobody's verdict on this one: its points are not lost.
      const bool judged = other->status != TestStatus::infrastructure_error;
      results[i] =
          not_judged(lab.tests[i], judged ? TestStatus::not_run : TestStatus::infrastructure_error,
                     fmt::format("it needs \"{}\", which {}", needed, judged ? "did not pass" : "could not be judged"));
      break;
    }
  }
}

Result<std::vector<TestResult>> run_tests(const Lab& lab, const std::vector<PlannedRun>& plan, const Benches& benches,
                                          Machines* machines, const RunOptions& options, StopToken stop,
                                          const fs::path& folder, const std::function<Status()>& build) {
  Runs runs(lab, plan, benches, machines, options, stop, folder);
  std::size_t jobs = 1;
  if (machines != nullptr) jobs = options.jobs > 0 ? static_cast<std::size_t>(options.jobs) : machines->at_once();
  Status built;
  {
    // A machine ends with the thread that started it, so each worker starts its own.
    std::vector<std::jthread> workers;  // joined at the end of this block
    try {
      for (std::size_t i = 0; i < std::min(jobs, plan.size()); ++i)
        workers.emplace_back([&runs] { runs.work(); });
      built = build();
    } catch (...) {
      runs.open(false);
      throw;
    }
    runs.open(built.has_value());
  }
  if (!built) return fail(built.error());
  auto results = runs.take();
  if (results) withdraw_what_says_nothing(lab, *results);
  return results;
}

}  // namespace labctl
