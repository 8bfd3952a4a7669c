#include "runner/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace {

constexpr std::size_t max_places = 5;  // that a note lists

// Where leftovers count, and the kernel can tell of memory.
bool looks_for_leaks(const Test& test, const std::string& flavour) {
  return test.kmemleak && flavour == "debug" && must_leave_nothing(test, flavour);
}

std::vector<TestRun> runs_of(const Test& test, const std::string& flavour) {
  std::vector<std::string> flavours = test.flavours;
  if (flavours.empty()) flavours = {"release"};
  if (!flavour.empty()) flavours = {flavour};
  if (needs_debug(test)) flavours = {"debug"};  // whatever is asked for: another kernel cannot show what it is about
  const bool no_machine = needs_no_machine(test);
  std::vector<TestRun> runs;
  for (const auto& one : flavours)
    for (const int cpus : no_machine ? std::vector<int>{0} : test.cpus)
      for (int turn = 0; turn < (no_machine ? 1 : test.runs); ++turn)
        runs.push_back({static_cast<int>(runs.size()) + 1, one, cpus, looks_for_leaks(test, one)});
  return runs;
}

bool failed(const TestRunResult& result) {
  return result.status != TestStatus::passed;
}

// One kernel and machine, of several that a test is done on.
struct Place {
  std::string flavour;
  int cpus = 0;
  int runs = 0;
  int failed = 0;
};

std::vector<Place> places_of(const std::vector<TestRunResult>& runs) {
  std::vector<Place> places;
  for (const auto& result : runs) {
    const TestRun& run = result.run;
    if (places.empty() || places.back().flavour != run.flavour || places.back().cpus != run.cpus)
      places.push_back({run.flavour, run.cpus});
    ++places.back().runs;
    if (failed(result)) ++places.back().failed;
  }
  return places;
}

// How a place is told from the others: "in debug with 2 CPUs".
class PlaceNames {
 public:
  explicit PlaceNames(const std::vector<Place>& places)
      : flavours_(differ(places, &Place::flavour)), cpus_(differ(places, &Place::cpus)) {}

  std::string of(const std::string& flavour, int cpus) const {
    std::vector<std::string> words;
    if (flavours_) words.push_back("in " + flavour);
    if (cpus_) words.push_back(fmt::format("with {} CPU{}", cpus, cpus == 1 ? "" : "s"));
    return join(words, " ");
  }

 private:
  template <class Member>
  static bool differ(const std::vector<Place>& places, Member member) {
    return std::any_of(places.begin(), places.end(),
                       [&](const Place& place) { return place.*member != places.front().*member; });
  }

  bool flavours_, cpus_;
};

}  // namespace

bool must_leave_nothing(const Test& test, const std::string& flavour) {
  const auto& flavours = test.leftover_flavours;
  return test.reports.empty() && std::find(flavours.begin(), flavours.end(), flavour) != flavours.end();
}

bool needs_no_machine(const Test& test) {
  return std::all_of(test.steps.begin(), test.steps.end(),
                     [](const Step& step) { return std::holds_alternative<BuildStep>(step.action); });
}

Result<std::vector<PlannedRun>> plan_runs(const Lab& lab, const std::string& flavour, int number) {
  std::vector<PlannedRun> plan;
  for (std::size_t i = 0; i < lab.tests.size(); ++i) {
    std::vector<TestRun> runs = runs_of(lab.tests[i], flavour);
    if (number > static_cast<int>(runs.size()))
      return fail(Fault::usage, fmt::format("test {} has no run {}", labctl::quoted(lab.tests[i].name), number),
                  runs.size() == 1 ? "it is done once" : fmt::format("its runs are 1 to {}", runs.size()));
    if (number > 0) runs = {runs[static_cast<std::size_t>(number) - 1]};
    for (auto& run : runs)
      plan.push_back({i, std::move(run)});
  }
  return plan;
}

std::vector<std::string> flavours_of(const std::vector<PlannedRun>& plan) {
  std::vector<std::string> flavours;
  for (const auto& planned : plan)
    if (std::find(flavours.begin(), flavours.end(), planned.run.flavour) == flavours.end())
      flavours.push_back(planned.run.flavour);
  return flavours;
}

std::string seed_of(const std::string& run_seed, const Lab& lab, const Test& test, int run) {
  return Sha256().field(run_seed).field(lab.id).field(test.name).field(std::to_string(run)).hex();
}

TestResult together(std::vector<TestResult> runs) {
  std::vector<TestRunResult> all;
  std::vector<std::string> notes;
  std::chrono::milliseconds took{0};
  for (const auto& result : runs) {
    took += result.took;
    if (!result.note.empty() && std::find(notes.begin(), notes.end(), result.note) == notes.end())
      notes.push_back(result.note);
    all.push_back({result.run, result.status, result.message, result.folder, result.took});
  }
  // Nobody's verdict: it must not be counted among the module's failures.
  auto shown = std::find_if(runs.begin(), runs.end(),
                            [](const TestResult& run) { return run.status == TestStatus::infrastructure_error; });
  const bool judged = shown == runs.end();
  if (judged) {
    shown = runs.begin();
    for (auto run = runs.begin(); run != runs.end(); ++run) {
      const bool worse = shown->status == TestStatus::passed || run->earned < shown->earned;
      if (run->status != TestStatus::passed && worse) shown = run;
    }
  }
  TestResult result = std::move(*shown);
  if (judged)
    if (std::string of_all = note_of(all, result.run); !of_all.empty()) notes.insert(notes.begin(), std::move(of_all));
  result.note = join(notes, "; ");
  result.took = took;
  result.runs = std::move(all);
  return result;
}

std::string note_of(const std::vector<TestRunResult>& runs, const TestRun& shown) {
  const auto failures = static_cast<std::size_t>(std::count_if(runs.begin(), runs.end(), failed));
  if (runs.size() < 2 || failures == 0) return {};
  const std::vector<Place> places = places_of(runs);
  const PlaceNames names(places);

  std::vector<std::string> where;
  for (const auto& place : places) {
    if (place.failed == 0 || places.size() == 1) continue;
    const std::string name = names.of(place.flavour, place.cpus);
    where.push_back(place.runs == 1 ? name : fmt::format("{} of {} {}", place.failed, place.runs, name));
  }
  // With one place listed, the run that is shown is from there.
  const std::string from = where.size() > 1 ? fmt::format(", {},", names.of(shown.flavour, shown.cpus)) : std::string();
  std::string text = fmt::format("failed {} of {} runs", failures, runs.size());
  if (failures == runs.size()) {
    text = failures == 2 ? "failed both runs" : fmt::format("failed all {} runs", failures);
  } else if (!where.empty()) {
    const std::size_t left_out = where.size() > max_places ? where.size() - max_places : 0;
    where.resize(where.size() - left_out);
    text += fmt::format(" ({}{})", join(where, ", "), left_out > 0 ? fmt::format(", and {} more", left_out) : "");
  }
  return fmt::format("{}; run {}{} is shown", text, shown.number, from);
}

}  // namespace labctl
