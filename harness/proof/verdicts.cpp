#include "verdicts.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "runner/plan.hpp"
#include "support/files.hpp"

namespace labctl {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kind = "verdicts";
constexpr const char* file_name = "verdict.json";
constexpr std::size_t most_reasons = 4000;  // bytes a test

// What a person reads of a failure, and what "because" in mutants.yaml is looked for in.
std::string reasons_of(const TestResult& test) {
  std::string text;
  const auto add = [&text](const std::string& line) {
    if (!line.empty() && text.size() < most_reasons) text += line.substr(0, most_reasons) + "\n";
  };
  add(test.message);
  const auto add_check = [&add](const std::string& who, const CheckResult& check) {
    if (check.passed) return;
    add(who + check.what);
    if (!check.expected.empty()) add("  expected " + check.expected);
    if (!check.seen.empty()) add("  seen     " + check.seen);
  };
  for (const auto& step : test.steps)
    for (const auto& check : step.checks)
      add_check(step.summary + ": ", check);
  for (const auto& check : test.report_checks)
    add_check("", check);
  return text;
}

// Adds what one run said.
void add_to(Verdict& verdict, const Lab& lab, const LabResult& result) {
  if (verdict.not_judged.empty()) verdict.not_judged = result.error;
  for (const auto& build : result.builds) {
    if (build.module != lab.modules.front().name) continue;
    if (build.succeeded)
      verdict.code.push_back(build.flavour + " " + build.ko_sha256);
    else if (!build.meant_to_fail)
      verdict.build_error = build.message.empty() ? "it does not build" : build.message + "\n" + build.output;
  }
  for (const auto& test : result.tests) {
    TestVerdict one{test.name, test.status, reasons_of(test)};
    one.runs = static_cast<int>(test.runs.size());
    one.failed_runs = static_cast<int>(std::count_if(
        test.runs.begin(), test.runs.end(), [](const TestRunResult& run) { return run.status != TestStatus::passed; }));
    one.earned = test.earned;
    one.points = test.points.value_or(0);
    if (test.status == TestStatus::infrastructure_error && verdict.not_judged.empty())
      verdict.not_judged = test.message;
    verdict.tests.push_back(std::move(one));
  }
}

bool ends_it(const Verdict& verdict) {
  return !verdict.not_judged.empty() || !verdict.build_error.empty() ||
         std::any_of(verdict.tests.begin(), verdict.tests.end(),
                     [](const TestVerdict& test) { return test.status != TestStatus::passed; });
}

// Where one failure is enough, the flavours are done one after the other: most modules need not be built in the second.
std::vector<Lab> parts_of(const Lab& lab, const Subject& subject) {
  const bool in_any_order =
      std::all_of(lab.tests.begin(), lab.tests.end(), [](const Test& test) { return test.needs.empty(); });
  const auto plan = plan_runs(lab, subject.flavour, 0);
  if (!subject.stop_at_failure || !in_any_order || !plan) return {lab};
  std::vector<std::string> flavours = flavours_of(*plan);
  std::sort(flavours.rbegin(), flavours.rend());  // release first: it is built, and tests, in half the time
  std::vector<Lab> parts;
  for (const auto& flavour : flavours) {
    std::set<std::size_t> tests;
    for (const auto& [test, run] : *plan)
      if (run.flavour == flavour) tests.insert(test);
    Lab part = lab;
    part.tests.clear();
    for (const std::size_t test : tests) {
      part.tests.push_back(lab.tests[test]);
      part.tests.back().flavours = {flavour};
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

std::string verdict_text(const Verdict& verdict) {
  json tests = json::array();
  for (const auto& test : verdict.tests)
    tests.push_back({{"test", test.test},
                     {"status", status_name(test.status)},
                     {"reasons", test.reasons},
                     {"runs", test.runs},
                     {"failed_runs", test.failed_runs},
                     {"earned", test.earned},
                     {"points", test.points}});
  const json text = {{"tests", tests}, {"build_error", verdict.build_error}, {"code", verdict.code}};
  return text.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<Verdict> read_verdict(const std::string& text) {
  try {
    const json read = json::parse(text);
    Verdict verdict;
    verdict.build_error = read.at("build_error").get<std::string>();
    verdict.code = read.at("code").get<std::vector<std::string>>();
    for (const auto& item : read.at("tests")) {
      TestVerdict test;
      test.test = item.at("test").get<std::string>();
      const auto status = status_named(item.at("status").get<std::string>());
      if (!status) return std::nullopt;
      test.status = *status;
      test.reasons = item.at("reasons").get<std::string>();
      test.runs = item.at("runs").get<int>();
      test.failed_runs = item.at("failed_runs").get<int>();
      test.earned = item.at("earned").get<int>();
      test.points = item.at("points").get<int>();
      verdict.tests.push_back(std::move(test));
    }
    return verdict;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

Result<Remembered> judge_subject(const Lab& lab, const Subject& subject, const RunOptions& options,
                                 const RunnerParts& parts, bool use_remembered, const fs::path& folder) {
  std::error_code ignored;
  if (use_remembered)
    if (const auto entry = parts.cache.find(kind, subject.digest))
      if (const auto text = read_file(*entry / file_name))
        if (auto verdict = read_verdict(*text)) return Remembered{std::move(*verdict), true};
  RunOptions how = options;
  how.module = subject.module;
  how.kernel = subject.kernel;
  how.flavour = subject.flavour;
  how.stop_at_failure = subject.stop_at_failure;
  how.seed = subject.seed;
  how.debug_rerun = false;
  Verdict verdict;
  const std::vector<Lab> in_turn = parts_of(lab, subject);
  for (const Lab& part : in_turn) {
    const fs::path place = in_turn.size() == 1 ? folder : folder / part.tests.front().flavours.front();
    fs::create_directories(place, ignored);
    auto result = run_lab(part, how, parts, place);
    if (!result) return fail(result.error());
    add_to(verdict, part, *result);
    if (ends_it(verdict)) break;
  }
  if (verdict.not_judged.empty()) {
    // Another check may have made it meanwhile; a fresh one takes its place.
    if (!use_remembered) (void)parts.cache.remove(kind, subject.digest);
    const auto kept = parts.cache.get(kind, subject.digest, [&verdict](const fs::path& place) {
      return write_file(place / file_name, verdict_text(verdict));
    });
    if (!kept) parts.progress.note("cannot remember a verdict: " + kept.error().message);
  }
  return Remembered{std::move(verdict), false};
}

}  // namespace labctl
