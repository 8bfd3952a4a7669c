#include "grade/grade.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "inspection.hpp"
#include "kmod/module_source.hpp"
#include "report/test_story.hpp"
#include "runner/plan.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t least_space = 64ULL << 20;

// Of a lab only what its modules' builds are asked, so that running it builds them as the whole lab would, to the same
// entries of the cache, and starts no machine.
Lab builds_of(const Lab& lab, const std::vector<std::string>& flavours) {
  Lab builds = lab;
  builds.tests.clear();
  Test all;
  all.name = "builds";
  all.flavours = flavours;
  for (const auto& test : lab.tests)
    for (const auto& step : test.steps)
      if (std::holds_alternative<BuildStep>(step.action)) all.steps.push_back(step);
  for (auto& step : all.steps)
    step.continue_on_failure = true;
  builds.tests.push_back(std::move(all));
  return builds;
}

// What the lab's first module uses, in each flavour that it was built in.
Result<ModuleUse> use_in(const LabResult& result, const std::string& module, StopToken stop) {
  ModuleUse all;
  for (const auto& build : result.builds) {
    if (build.module != module || !build.succeeded) continue;
    auto use = module_use(build.ko, stop);
    if (!use) return fail(use.error());
    all.objects.insert(build.ko_sha256);
    all.foreign_files.insert(build.foreign_files.begin(), build.foreign_files.end());
    all.unreadable = all.unreadable || use->unreadable;
    all.symbols.merge(use->symbols);
    all.instructions.merge(use->instructions);
  }
  return all;
}

// Every flavour that some run of the lab is done in is built.
Result<LabResult> build_all(const Lab& lab, RunOptions options, const RunnerParts& parts, const fs::path& folder) {
  const auto plan = plan_runs(lab, options.flavour, 0);
  if (!plan) return fail(plan.error());
  options.flavour.clear();
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(system_error("cannot create", folder, error.value()).value());
  return run_lab(builds_of(lab, flavours_of(*plan)), options, parts, folder);
}

// A compiler that had no time or no room may have had them but for the host.
bool may_be_the_hosts_fault(const LabResult& result) {
  return std::any_of(result.builds.begin(), result.builds.end(), [](const BuildResult& build) {
    if (build.succeeded) return false;
    return build.message.find("did not finish within") != std::string::npos ||
           build.output.find("Killed signal") != std::string::npos ||
           build.output.find("No space left on device") != std::string::npos;
  });
}

Status check_space(const fs::path& folder) {
  std::error_code unknown;
  const auto space = fs::space(folder, unknown);
  if (unknown || space.available >= least_space) return {};
  return fail(Fault::harness, fmt::format("no space left on the disk of {}", folder.string()),
              "free some, then go on with --resume: what is graded is kept");
}

Status empty_folder(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (!error) fs::create_directories(folder, error);
  if (error) return system_error("cannot make", folder, error.value());
  return {};
}

GradeState worst_of(const std::vector<GradedTest>& tests) {
  const auto any = [&](TestStatus status) {
    return std::any_of(tests.begin(), tests.end(), [status](const GradedTest& test) { return test.status == status; });
  };
  if (any(TestStatus::infrastructure_error)) return GradeState::infrastructure_error;
  if (any(TestStatus::tampered)) return GradeState::tampered;
  if (any(TestStatus::crashed)) return GradeState::crashed;
  if (any(TestStatus::timeout)) return GradeState::timeout;
  if (any(TestStatus::build_failed)) return GradeState::build_failed;
  const bool all =
      std::all_of(tests.begin(), tests.end(), [](const GradedTest& test) { return test.status == TestStatus::passed; });
  return all && !tests.empty() ? GradeState::passed : GradeState::failed;
}

// Tests that were not done because of what the whole submission is.
void fail_all(GradedStudent& student, const Lab& lab, TestStatus status, const std::string& message) {
  student.tests.clear();
  for (const auto& test : lab.tests)
    student.tests.push_back(
        {test.name, status, test.points.value_or(0), 0, test.hidden, test.hint, message, message, ""});
}

class Grader {
 public:
  Grader(const Lab& lab, const GradingControl& control, const GradeOptions& options, const RunnerParts& parts,
         const fs::path& folder)
      : lab_(lab),
        control_(control),
        options_(options),
        parts_(parts),
        folder_(folder),
        attempts_(options.attempts),
        run_(options.run) {
    run_.jobs = 1;
    run_.debug_rerun = false;
  }

  Result<GradedStudent> grade(const Submission& submission) {
    student_.id = submission.id;
    student_.name = submission.name;
    student_.notes = submission.notes;
    student_.submission = submission.digest;
    for (const auto& file : submission.files)
      student_.files.push_back(file.path);
    if (!submission.refusals.empty()) {
      refuse(submission.refusals);
      return std::move(student_);
    }
    auto sources = TempDir::create(parts_.cache.tmp(), "submission");
    if (!sources) return fail(sources.error());
    for (const auto& file : submission.files)
      if (auto written = write_file(sources->path() / file.name, file.bytes); !written) return fail(written.error());
    run_.module = sources->path();
    run_.seed = student_seed(run_.seed, lab_.id, submission.id);
    for (int attempt = 1;; ++attempt) {
      run_.cold = run_.cold || attempt > 1;  // what is saved may be what is at fault
      if (auto emptied = empty_folder(folder_); !emptied) return fail(emptied.error());
      auto done = attempt_once(attempt == 1);
      if (!done && done.error().fault == Fault::interrupted) return fail(done.error());
      if (!done) {
        student_.message = done.error().message;
        student_.state = GradeState::infrastructure_error;
        fail_all(student_, lab_, TestStatus::infrastructure_error, student_.message);
      }
      if (student_.state != GradeState::infrastructure_error) break;
      if (auto space = check_space(folder_); !space) return fail(space.error());
      if (attempt >= attempts_) break;
    }
    return std::move(student_);
  }

 private:
  void refuse(std::vector<std::string> refusals) {
    student_.state = GradeState::refused;
    student_.message = refusals.front();
    student_.refusals = std::move(refusals);
    fail_all(student_, lab_, TestStatus::not_run, "the submission was refused");
  }

  Status attempt_once(bool first) {
    auto built = build_all(lab_, run_, parts_, folder_ / "build");
    if (built && first && may_be_the_hosts_fault(*built))
      built = build_all(lab_, run_, parts_, folder_ / "build-again");
    if (!built) return fail(built.error());
    auto use = use_in(*built, lab_.modules.front().name, parts_.stop);
    if (!use) return fail(use.error());
    if (refuse_forbidden(*use)) return {};
    const auto before = earlier();
    const auto known = before ? still_true(*before) : std::map<std::string, GradedTest>();
    Lab rest = lab_;
    std::erase_if(rest.tests, [&known](const Test& test) { return known.contains(test.name); });
    if (rest.tests.empty()) {
      student_.compiler = before->compiler;
      student_.message = before->message;
    } else {
      auto result = run_lab(rest, run_, parts_, folder_);
      if (!result) return fail(result.error());
      // What ran is what was looked at, unless the source is one of those that are built otherwise each time.
      auto ran = use_in(*result, lab_.modules.front().name, parts_.stop);
      if (!ran) return fail(ran.error());
      if (!std::includes(use->objects.begin(), use->objects.end(), ran->objects.begin(), ran->objects.end()) &&
          refuse_forbidden(*ran))
        return {};
      add_result(student_, lab_, *result, run_.module->string());
    }
    if (!known.empty()) put_together(known);
    for (std::size_t i = 0; i < student_.tests.size() && i < options_.test_keys.size(); ++i)
      student_.tests[i].key = options_.test_keys[i];
    return {};
  }

  // Whether the module has what a solution has no need of.
  bool refuse_forbidden(const ModuleUse& use) {
    ModuleUse reference;
    reference.symbols = control_.symbols;
    reference.instructions = control_.instructions;
    auto found = forbidden_use(use, reference, lab_.symbols);
    for (const auto& file : use.foreign_files)
      found.push_back(fmt::format("it is built from {}, which is neither its own nor the kernel's", file));
    if (found.empty()) return false;
    refuse(std::move(found));
    return true;
  }

  // What an earlier grading gave this student for the same submission.
  std::optional<GradedStudent> earlier() const {
    auto before = options_.earlier ? options_.earlier(student_.id) : std::nullopt;
    if (before && before->submission != student_.submission) before.reset();
    return before;
  }

  // Its results, by test, that depend on nothing which has changed since.
  std::map<std::string, GradedTest> still_true(const GradedStudent& before) const {
    std::map<std::string, GradedTest> known;
    for (std::size_t i = 0; i < lab_.tests.size() && i < options_.test_keys.size(); ++i)
      for (const auto& test : before.tests)
        if (test.name == lab_.tests[i].name && test.key == options_.test_keys[i] &&
            test.status != TestStatus::infrastructure_error)
          known[test.name] = test;
    return known;
  }

  void put_together(const std::map<std::string, GradedTest>& known) {
    std::vector<GradedTest> all;
    for (const auto& test : lab_.tests) {
      const auto kept = known.find(test.name);
      const auto made = std::find_if(student_.tests.begin(), student_.tests.end(),
                                     [&](const GradedTest& one) { return one.name == test.name; });
      if (kept != known.end())
        all.push_back(kept->second);
      else if (made != student_.tests.end())
        all.push_back(*made);
    }
    student_.tests = std::move(all);
    if (student_.tests.size() == known.size() || student_.state != GradeState::infrastructure_error)
      student_.state = worst_of(student_.tests);
  }

  const Lab& lab_;
  const GradingControl& control_;
  const GradeOptions& options_;
  const RunnerParts& parts_;
  const fs::path& folder_;
  const int attempts_;
  RunOptions run_;
  GradedStudent student_;
};

}  // namespace

std::vector<std::string> sources_to_hand_in(const Lab& lab) {
  const ModuleSpec& module = lab.modules.front();
  std::vector<std::string> names;
  for (const auto& name : module.sources)
    if (!name.starts_with("..") && name.find("/../") == std::string::npos) names.push_back(name);
  if (names.empty()) names.push_back(module.name + ".c");
  return names;
}

Result<GradingControl> grade_reference(const Lab& lab, const GradeOptions& options, const RunnerParts& parts,
                                       const fs::path& folder) {
  RunOptions run = options.run;
  run.jobs = options.jobs;
  run.debug_rerun = false;
  if (auto emptied = empty_folder(folder); !emptied) return fail(emptied.error());
  auto result = run_lab(lab, run, parts, folder);
  if (!result) return fail(result.error());
  if (!result->error.empty()) return fail(Fault::harness, result->error, result->error_hint);
  for (const auto& test : result->tests) {
    if (test.status == TestStatus::infrastructure_error)
      return fail(Fault::harness, fmt::format("{}: {}", test.name, test.message), "labctl doctor checks this machine");
    if (test.status != TestStatus::passed)
      return fail(Fault::usage,
                  fmt::format("the lab's own reference does not pass {}: {}", labctl::quoted(test.name), test.message),
                  fmt::format("nobody can be graded by it; labctl lab check {} says more", lab.id));
  }
  GradingControl control;
  control.kernels = result->kernels;
  auto use = use_in(*result, lab.modules.front().name, parts.stop);
  if (!use) return fail(use.error());
  control.symbols = std::move(use->symbols);
  control.instructions = std::move(use->instructions);
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return control;
}

Result<GradedStudent> grade_one(const Lab& lab, const Submission& submission, const GradingControl& control,
                                const GradeOptions& options, const RunnerParts& parts, const fs::path& folder) {
  return Grader(lab, control, options, parts, folder).grade(submission);
}

GradedStudent not_graded(const Lab& lab, const Entry& entry, const std::string& why) {
  GradedStudent student;
  student.id = entry.id;
  student.name = entry.name;
  student.message = why;
  fail_all(student, lab, TestStatus::infrastructure_error, why);
  return student;
}

Lab for_grading(Lab lab) {
  for (auto& test : lab.tests)
    if (test.flavours.empty()) test.flavours = {"debug"};
  return lab;
}

void add_result(GradedStudent& student, const Lab& lab, const LabResult& result, const std::string& build_folder) {
  // Students know their files by their own names, and the instructor's folders are none of their business.
  const std::string lab_folder = fs::absolute(lab.file).parent_path().string();
  const auto own = [&](std::string text) {
    for (const auto& folder : {build_folder, lab_folder, lab.file.parent_path().string()})
      if (!folder.empty()) replace_all(text, folder + "/", "");
    return text;
  };
  student.message = own(build_ending(result));
  for (const auto& build : result.builds)
    if (build.module == lab.modules.front().name && !build.output.empty()) student.compiler = own(build.output);
  student.tests.clear();
  for (const auto& test : result.tests)
    student.tests.push_back({test.name, test.status, test.points.value_or(0), test.earned, test.hidden, test.hint,
                             own(test_ending(test)), own(test_diagnosis(test)), own(test_story(test))});
  student.state = worst_of(student.tests);
  if (!result.error.empty()) {
    student.message = result.error;
    student.state = GradeState::infrastructure_error;
  }
}

}  // namespace labctl
