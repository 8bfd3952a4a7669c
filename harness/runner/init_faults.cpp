#include "init_faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "diagnose/injected_failure.hpp"
#include "runner/plan.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

constexpr std::size_t max_line = 80;  // bytes of a source line in a message

bool is_injected(const Step& step) {
  const auto* load = std::get_if<LoadStep>(&step.action);
  return load != nullptr && load->failing_allocation != 0 && load->failing_allocation != LoadStep::count_allocations;
}

// Where a failing allocation was made.
enum class Place {
  nowhere,  // there are not so many
  before,   // by the loader, before init: it fails the load
  init,
  loader,   // by the loader, and the load succeeds all the same: mostly after init
  unclear,  // the kernel does not say, or it is a checker's, in init
};

bool starts_with_any(const std::string& function, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return function.starts_with(name); });
}

// What checkers allocate for themselves: kmemleak for each object, debugobjects now and then. They do without.
bool is_for_another(const std::vector<StackFrame>& trace) {
  return std::any_of(trace.begin(), trace.end(), [](const StackFrame& frame) {
    return frame.module.empty() &&
           starts_with_any(frame.function, {"create_object", "__create_object", "kmemleak_alloc", "fill_pool",
                                            "debug_objects_fill_pool", "__debug_object_init"});
  });
}

Place place_of(const TestResult& result) {
  if (result.counted_loads.empty() || !result.counted_loads.back().failed) return Place::nowhere;
  const CountedLoad& load = result.counted_loads.back();
  const bool in_init = std::any_of(load.trace.begin(), load.trace.end(),
                                   [](const StackFrame& frame) { return frame.function == "do_one_initcall"; });
  if (in_init) return is_for_another(load.trace) ? Place::unclear : Place::init;
  if (load.trace.empty()) return Place::unclear;
  return load.error_number == 0 ? Place::loader : Place::before;
}

bool unjudged(const TestResult& result) {
  return result.status == TestStatus::infrastructure_error || result.status == TestStatus::not_run;
}

// Not for an allocation that failed: it was not reached.
bool fails_anyway(const TestResult& result) {
  return place_of(result) == Place::nowhere && result.status != TestStatus::passed;
}

// What the own line calls, as people write it: the functions of headers have no frame of their own.
std::string called_function(const std::vector<StackFrame>& trace, const SourceLine* own) {
  std::string called;
  for (const StackFrame& frame : trace) {
    for (const SourceLine& line : frame.source) {
      if (&line == own) return called;
      called = line.function;
    }
    if (frame.function == "do_one_initcall") return called;
    if (frame.source.empty()) called = frame.function.substr(0, frame.function.find('.'));
  }
  return called;
}

std::string place_text(const std::vector<StackFrame>& trace) {
  const SourceLine* own = own_line(trace);
  const std::string called = called_function(trace, own);
  if (own == nullptr) return called;
  const std::string text = printable(own->text.substr(std::min(own->text.find_first_not_of(" \t"), own->text.size())));
  return fmt::format("{} at {}:{}: `{}`", called, own->file.filename().string(), own->line,
                     text.size() > max_line ? text.substr(0, max_line) + "..." : text);
}

std::string with_failing(const FailedAllocation& allocation, bool cut) {
  std::string text = "with an allocation failing that the kernel makes in " + allocation.module + "'s init";
  if (allocation.number > 0)
    text = fmt::format("with allocation {} of {}{} of {}'s init failing", allocation.number, cut ? "the last " : "",
                       allocation.of, allocation.module);
  return allocation.place.empty() ? text : fmt::format("{} ({})", text, allocation.place);
}

Step cleaning_step(Action action, const Step& load) {
  Step step;
  step.action = std::move(action);
  step.where = load.where;
  return step;
}

}  // namespace

std::vector<std::size_t> loads_with_faults(const Test& test) {
  std::vector<std::size_t> loads;
  std::set<std::pair<int, int>> places;
  for (std::size_t i = 0; i < test.steps.size(); ++i) {
    const Step& step = test.steps[i];
    const auto* load = std::get_if<LoadStep>(&step.action);
    if (load != nullptr && load->expect_errno == 0 && places.emplace(step.where.line, step.where.column).second)
      loads.push_back(i);
  }
  return loads;
}

Test counting_allocations(Test test) {
  if (test.init_faults)
    for (const std::size_t load : loads_with_faults(test))
      std::get<LoadStep>(test.steps[load].action).failing_allocation = LoadStep::count_allocations;
  return test;
}

Test with_failing_allocation(const Test& test, std::size_t load, std::uint32_t allocation) {
  Test faulty = test;
  faulty.init_faults = false;
  faulty.runs = 1;
  faulty.needs.clear();  // the test has passed as it stands
  faulty.flavours = faulty.leftover_flavours = {"debug"};
  faulty.steps.resize(load + 1);
  Step& last = faulty.steps.back();
  std::get<LoadStep>(last.action).failing_allocation = allocation;
  last.continue_on_failure = false;

  std::vector<std::string> files, modules;  // that are open and loaded then
  for (const Step& step : faulty.steps) {
    if (const auto* open = std::get_if<OpenStep>(&step.action); open != nullptr && open->expect_errno == 0)
      files.push_back(open->name);
    if (const auto* close = std::get_if<CloseStep>(&step.action)) std::erase(files, close->name);
    if (const auto* loading = std::get_if<LoadStep>(&step.action); loading != nullptr && loading->expect_errno == 0)
      modules.push_back(loading->module);
    if (const auto* unload = std::get_if<UnloadStep>(&step.action); unload != nullptr && unload->expect_errno == 0)
      std::erase(modules, unload->module);
    if (std::holds_alternative<RebootStep>(step.action)) {
      files.clear();
      modules.clear();
    }
  }
  const Step& at = test.steps[load];
  for (const auto& file : files)
    faulty.steps.push_back(cleaning_step(CloseStep{file}, at));
  for (auto module = modules.rbegin(); module != modules.rend(); ++module)
    faulty.steps.push_back(cleaning_step(UnloadStep{*module, 0, true}, at));
  return faulty;
}

std::vector<CountedLoad> counted_loads(const Test& test, const Evidence& evidence) {
  std::vector<CountedLoad> loads;
  for (std::size_t i = 0; i < std::min(test.steps.size(), evidence.steps.size()); ++i) {
    const auto* load = std::get_if<LoadStep>(&test.steps[i].action);
    const Observation& seen = evidence.steps[i];
    if (load == nullptr || load->failing_allocation == 0 || seen.ending == Ending::not_run) continue;
    CountedLoad counted;
    counted.step = i;
    counted.error_number = seen.error_number;
    if (!is_injected(test.steps[i])) {
      counted.allocations = LoadStep::count_allocations - seen.allocations_left.value_or(LoadStep::count_allocations);
    } else {
      const bool back = seen.ending == Ending::completed;
      const auto trace = find_injected_failure(evidence.log, seen.log_begin, back ? seen.log_end : evidence.log.size());
      counted.failed = trace || !back || seen.allocations_left == 0U;
      counted.trace = trace.value_or(std::vector<StackFrame>());
    }
    loads.push_back(std::move(counted));
  }
  return loads;
}

void drop_injected(std::vector<KernelReport>& reports, const Test& test, const Evidence& evidence) {
  for (std::size_t i = 0; i < std::min(test.steps.size(), evidence.steps.size()); ++i) {
    const Observation& seen = evidence.steps[i];
    if (!is_injected(test.steps[i])) continue;
    std::erase_if(reports, [&](const KernelReport& report) {
      return report.kind == "page-alloc-failure" && report.log_begin >= seen.log_begin &&
             (report.log_begin < seen.log_end || seen.ending != Ending::completed);
    });
  }
}

std::vector<std::uint32_t> next_allocations(std::uint32_t made, const std::vector<FaultRun>& so_far, std::size_t many) {
  std::uint32_t lowest = made + 1;  // that was tried
  std::size_t of_init = 0;
  for (const FaultRun& run : so_far) {
    const Place place = place_of(run.result);
    if (place == Place::before || unjudged(run.result) || fails_anyway(run.result)) return {};
    if (place == Place::init) ++of_init;
    lowest = std::min(lowest, run.allocation);
  }
  if (of_init >= most_faults) return {};
  std::vector<std::uint32_t> next;
  for (std::uint32_t i = lowest - static_cast<std::uint32_t>(std::min<std::size_t>(many, lowest - 1)); i < lowest; ++i)
    next.push_back(i);
  return next;
}

InitFaults init_faults(const std::string& module, std::vector<FaultRun> tried) {
  InitFaults faults;
  faults.module = module;
  std::sort(tried.begin(), tried.end(),
            [](const FaultRun& one, const FaultRun& other) { return one.allocation < other.allocation; });
  const auto is_of_init = [](const FaultRun& run) { return place_of(run.result) == Place::init; };
  // What comes before the last one that was made before init is the loader's, whatever the kernel says of it.
  const auto before = std::find_if(tried.rbegin(), tried.rend(),
                                   [](const FaultRun& run) { return place_of(run.result) == Place::before; });
  const bool whole = before != tried.rend() || (!tried.empty() && tried.front().allocation == 1);
  tried.erase(tried.begin(), before.base());
  faults.named = static_cast<std::size_t>(std::count_if(tried.begin(), tried.end(), is_of_init));
  faults.unnamed = static_cast<std::size_t>(std::count_if(tried.begin(), tried.end(), [](const FaultRun& run) {
    return place_of(run.result) == Place::unclear && run.result.counted_loads.back().trace.empty();
  }));
  faults.cut = !whole && faults.named >= most_faults;
  int number = 0;
  for (FaultRun& run : tried) {
    const Place place = place_of(run.result);
    const bool says_something = place == Place::unclear && run.result.status != TestStatus::passed;
    if (place != Place::init && !says_something && !unjudged(run.result) && !fails_anyway(run.result)) continue;
    FailedAllocation failed{module, place == Place::init ? ++number : 0, static_cast<int>(faults.named), {}};
    if (!run.result.counted_loads.empty()) failed.place = place_text(run.result.counted_loads.back().trace);
    if (run.result.status != TestStatus::passed && !unjudged(run.result))
      run.result.message = fmt::format("{}: {}",
                                       fails_anyway(run.result)
                                           ? fmt::format("done again, before an allocation of {}'s init failed", module)
                                           : with_failing(failed, faults.cut),
                                       run.result.message);
    run.result.run.failed_allocation = std::move(failed);
    faults.runs.push_back(std::move(run.result));
  }
  return faults;
}

TestResult with_init_faults(TestResult passed, std::vector<InitFaults> faults) {
  std::vector<TestRunResult> runs = std::move(passed.runs);
  std::vector<TestResult> results = {std::move(passed)};
  std::vector<std::string> notes;
  for (InitFaults& of_one : faults) {
    if (of_one.named == 0 && of_one.unnamed == 0)
      notes.push_back(of_one.module + "'s init allocates nothing that could fail");
    else if (of_one.named == 0)
      notes.push_back(
          fmt::format("the kernel does not say whether {}'s init made {} that failed too", of_one.module,
                      of_one.unnamed == 1 ? "an allocation" : fmt::format("{} allocations", of_one.unnamed)));
    if (of_one.cut)
      notes.push_back(fmt::format("of the allocations of {}'s init only the last {} failed, one by one", of_one.module,
                                  of_one.named));
    std::move(of_one.runs.begin(), of_one.runs.end(), std::back_inserter(results));
  }
  const std::size_t done = results.size() - 1;
  const auto bad = static_cast<std::size_t>(std::count_if(
      results.begin(), results.end(), [](const TestResult& result) { return result.status != TestStatus::passed; }));
  for (const TestResult& one : results)  // what could not be looked at
    if (!one.note.empty() && std::find(notes.begin(), notes.end(), one.note) == notes.end()) notes.push_back(one.note);
  TestResult result = together(std::move(results));
  runs.insert(runs.end(), std::make_move_iterator(result.runs.begin() + 1), std::make_move_iterator(result.runs.end()));
  result.runs = std::move(runs);
  const std::string counted =
      done == 1 ? "1 run with a failing allocation" : fmt::format("{} runs with a failing allocation", done);
  if (result.status == TestStatus::infrastructure_error) return result;
  if (done > 0) {
    notes.insert(notes.begin(), bad == 0 ? "passed " + counted : fmt::format("failed {} of {}", bad, counted));
  }
  result.note = join(notes, "; ");
  return result;
}

}  // namespace labctl
