#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <thread>

#include "commands.hpp"
#include "grade/grade.hpp"
#include "grade/score.hpp"
#include "grade_outputs.hpp"
#include "intake/layout.hpp"
#include "intake/roster.hpp"
#include "spec/lab_reader.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"
#include "tool_digest.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

// What makes scores of results.
struct ScoringArguments {
  std::string out;
  std::string roster;
  std::string overrides;
  std::string due;
  int grace_minutes = 0;
  int late_per_day = 0;
  bool gradescope = false;
  bool github = false;
  std::string canvas;
  std::string canvas_column;
  std::string moodle;
};

struct MergeArguments : ScoringArguments {
  std::vector<std::string> folders;
};

struct GradeArguments : ScoringArguments {
  std::string lab;
  std::string submissions;
  std::string layout = "automatic";
  std::string kernel;
  std::string flavour;
  std::string accelerator = "auto";
  std::string seed;
  std::string labs_folder;
  int jobs = 0;
  int build_limit_s = 0;
  std::vector<std::string> only;
  std::string shard;
  bool resume = false;
};

Status check_out(const ScoringArguments& arguments) {
  if (!arguments.out.empty()) return {};
  return fail(Fault::usage, "there is no folder for the results", "add --out DIR");
}

Result<GradeSettings> read_settings(const ScoringArguments& arguments) {
  if (auto there = check_out(arguments); !there) return fail(there.error());
  GradeSettings settings;
  if (!arguments.roster.empty()) {
    auto roster = read_roster(arguments.roster);
    if (!roster) return fail(roster.error());
    settings.roster = std::move(*roster);
  }
  if (!arguments.overrides.empty()) {
    auto overrides = read_overrides(arguments.overrides);
    if (!overrides) return fail(overrides.error());
    settings.overrides = std::move(*overrides);
  }
  if (!arguments.due.empty()) {
    settings.late.due = parse_time(arguments.due);
    if (!settings.late.due)
      return fail(Fault::usage, fmt::format("--due {} is no time", labctl::quoted(arguments.due)),
                  "write it like 2026-11-20T23:59:00Z, or with +01:00 for Z");
  } else if (arguments.late_per_day > 0) {
    return fail(Fault::usage, "--late-per-day says how much, but not from when", "add --due TIME");
  }
  settings.late.grace = std::chrono::minutes(arguments.grace_minutes);
  settings.late.percent_a_day = arguments.late_per_day;
  settings.gradescope = arguments.gradescope;
  settings.github = arguments.github;
  settings.canvas = arguments.canvas;
  settings.canvas_column = arguments.canvas_column;
  settings.moodle = arguments.moodle;
  return settings;
}

// "2/3": the entries 2, 5, 8, ...
Status keep_shard(const std::string& shard, std::vector<Entry>& entries) {
  if (shard.empty()) return {};
  std::size_t index = 0, count = 0;
  const auto slash = shard.find('/');
  try {
    index = std::stoul(shard.substr(0, slash));
    count = slash == std::string::npos ? 0 : std::stoul(shard.substr(slash + 1));
  } catch (const std::exception&) {
    count = 0;
  }
  if (index < 1 || index > count)
    return fail(Fault::usage, fmt::format("--shard {} is no part of a whole", labctl::quoted(shard)),
                "write it like 2/3: the second of three parts");
  std::vector<Entry> kept;
  for (std::size_t i = index - 1; i < entries.size(); i += count)
    kept.push_back(std::move(entries[i]));
  entries = std::move(kept);
  return {};
}

Status keep_only(const std::vector<std::string>& ids, std::vector<Entry>& entries) {
  if (ids.empty()) return {};
  std::vector<std::string> known;
  for (const auto& entry : entries)
    known.push_back(entry.id);
  for (const auto& id : ids)
    if (std::find(known.begin(), known.end(), id) == known.end())
      return fail(Fault::usage, fmt::format("there is no submission of {}", labctl::quoted(id)), suggestion(id, known));
  std::erase_if(entries, [&](const Entry& entry) { return std::find(ids.begin(), ids.end(), entry.id) == ids.end(); });
  return {};
}

std::string fresh_seed() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

// What must be the same for results of one grading to stand beside each other.
std::string what_differs(const Grading& a, const Grading& b) {
  if (a.lab != b.lab) return "it is of the lab " + a.lab;
  if (a.spec != b.spec) return "the lab has changed since";
  if (a.seed != b.seed) return "it has another seed";
  if (a.flavour != b.flavour) return "it has another flavour";
  if (a.tool != b.tool) return "another labctl made it";
  const auto keys = [](const Grading& grading) {
    std::vector<std::string> all;
    for (const auto& kernel : grading.kernels)
      all.push_back(kernel.key);
    return all;
  };
  return keys(a) == keys(b) ? "" : "it was done with another kernel";
}

std::string common_digest(const Grading& grading) {
  Sha256 sum;
  sum.field(grading.tool).field(grading.lab).field(grading.spec).field(grading.seed).field(grading.flavour);
  for (const auto& kernel : grading.kernels)
    sum.field(kernel.key);
  return sum.hex();
}

void print_summary(const WrittenOutputs& outputs, const ClassOutcome& outcome, const GradeSettings& settings) {
  const auto& rows = outputs.rows;
  std::map<GradeState, std::size_t> states;
  std::size_t strangers = 0;
  for (const auto& row : rows) {
    ++states[row.student.state];
    if (!row.in_roster) ++strangers;
  }
  std::vector<std::string> parts;
  for (const auto& [state, count] : states)
    parts.push_back(fmt::format("{} {}", count, state_name(state)));
  fmt::print("{} students: {}\n", rows.size(), join(parts, ", "));
  if (outcome.kept > 0) fmt::print("{} were graded before and are kept\n", outcome.kept);
  if (strangers > 0) fmt::print("{} handed in and are not in the roster: see the column note\n", strangers);
  std::vector<GradedStudent> students;
  for (const auto& row : rows)
    students.push_back(row.student);
  for (const auto& unused : unused_overrides(students, settings.overrides))
    fmt::print("an override changes nothing: {}\n", unused);
  for (const auto& row : rows)
    if (!row.score.graded)
      fmt::print("not graded: {}: {}\n", printable(row.student.id),
                 printable(row.student.message.empty() && !row.student.tests.empty() ? row.student.tests.front().message
                                                                                     : row.student.message));
  for (const auto& note : outputs.notes)
    fmt::print("{}\n", note);
  for (const auto& file : outputs.files)
    fmt::print("{}\n", file.string());
}

// CLI11 would ask for them before `labctl grade merge` too.
Status check_given(const GradeArguments& arguments) {
  if (arguments.lab.empty() || arguments.submissions.empty())
    return fail(Fault::usage, "what is to be graded?", "labctl grade LAB SUBMISSIONS --out DIR");
  return check_out(arguments);
}

Result<ExitCode> grade(const GradeArguments& arguments, Context& context) {
  if (auto given = check_given(arguments); !given) return fail(given.error());
  auto data = find_data_paths();
  if (!data) return fail(data.error());
  const fs::path labs_folder = arguments.labs_folder.empty() ? data->labs : fs::path(arguments.labs_folder);
  auto file = find_lab(arguments.lab, labs_folder);
  if (!file) return fail(file.error());
  auto read = read_lab(*file);
  if (!read) return fail(read.error());
  const Lab lab = for_grading(std::move(*read));
  auto settings = read_settings(arguments);
  if (!settings) return fail(settings.error());
  static const std::map<std::string, Layout> layouts = {{"automatic", Layout::automatic},
                                                        {"plain", Layout::plain},
                                                        {"moodle", Layout::moodle},
                                                        {"canvas", Layout::canvas},
                                                        {"github", Layout::github}};
  auto listing = find_entries(arguments.submissions, layouts.at(arguments.layout));
  if (!listing) return fail(listing.error());
  std::vector<Entry> entries = std::move(listing->entries);
  if (auto kept = keep_only(arguments.only, entries); !kept) return fail(kept.error());
  if (auto kept = keep_shard(arguments.shard, entries); !kept) return fail(kept.error());

  auto cache = context.open_cache();
  if (!cache) return fail(cache.error());
  auto kernels = context.open_kernels(*cache);
  if (!kernels) return fail(kernels.error());
  auto initramfs = context.initramfs_sources();
  if (!initramfs) return fail(initramfs.error());
  auto qemu = find_qemu(*cache, context.stop);
  if (!qemu) return fail(qemu.error());
  auto tool = tool_digest(*initramfs, *qemu);
  if (!tool) return fail(tool.error());
  auto results = arguments.resume ? ResultsFolder::open(arguments.out) : ResultsFolder::create(arguments.out);
  if (!results) return fail(results.error());

  const ModuleFinder find_module = [&](const Lab& some, const std::string& module) {
    return find_module_folder(some, module, *data);
  };
  const RunnerParts parts{*cache,
                          *kernels,
                          *initramfs,
                          find_module,
                          {data->labs, data->modules, labs_folder, labs_folder / "../modules",
                           fs::absolute(arguments.submissions), fs::absolute(arguments.out)},
                          context.progress,
                          context.stop};
  static const std::map<std::string, AcceleratorMode> modes = {
      {"auto", AcceleratorMode::automatic}, {"kvm", AcceleratorMode::kvm}, {"tcg", AcceleratorMode::tcg}};
  GradeOptions options;
  options.run.kernel = arguments.kernel;
  options.run.flavour = arguments.flavour;
  options.run.accelerator = modes.at(arguments.accelerator);
  if (arguments.build_limit_s > 0) options.run.limits.module_build = std::chrono::seconds(arguments.build_limit_s);
  options.jobs = arguments.jobs;

  Grading grading;
  grading.tool_version = LABCTL_VERSION;
  grading.tool = *tool;
  grading.lab = lab.id;
  grading.title = lab.title;
  grading.flavour = arguments.flavour;
  for (const auto& test : lab.tests)
    grading.tests.push_back(
        {test.name, TestStatus::not_run, test.points.value_or(0), 0, test.hidden, test.hint, "", "", ""});
  auto spec = lab_digest(lab, find_module);
  if (!spec) return fail(spec.error());
  grading.spec = *spec;
  std::optional<Grading> begun;
  if (arguments.resume) {
    auto before = results->grading();
    if (!before) return fail(before.error());
    begun = std::move(*before);
  }
  grading.seed = !arguments.seed.empty() ? arguments.seed : begun ? begun->seed : fresh_seed();
  options.run.seed = grading.seed;

  auto control = grade_reference(lab, options, parts, results->path() / "reference");
  if (!control) return fail(control.error());
  grading.kernels = control->kernels;
  if (begun)
    if (const auto differs = what_differs(*begun, grading); !differs.empty())
      return fail(Fault::usage, fmt::format("cannot go on with {}: {}", arguments.out, differs),
                  "grade into another folder");
  if (!begun)
    if (auto kept = results->keep(grading); !kept) return fail(kept.error());
  auto outcome = grade_class(lab, entries, *control, common_digest(grading), options, parts,
                             context.store_opener(*cache), *results);
  if (!outcome) {
    Error error = outcome.error();
    if (error.fault == Fault::interrupted) error.hint = "go on with --resume: what is graded is kept";
    return fail(std::move(error));
  }
  auto outputs = write_outputs(*results, grading, *settings);
  if (!outputs) return fail(outputs.error());
  print_summary(*outputs, *outcome, *settings);
  return outcome->owed > 0 ? ExitCode::harness : ExitCode::passed;
}

// Results of several machines, each of which had a shard, as if one had had all.
Result<ExitCode> merge(const MergeArguments& arguments, Context&) {
  auto settings = read_settings(arguments);
  if (!settings) return fail(settings.error());
  auto merged = ResultsFolder::create(arguments.out);
  if (!merged) return fail(merged.error());
  std::optional<Grading> first;
  std::map<std::string, std::string> graded_in;
  ClassOutcome outcome;
  for (const auto& folder : arguments.folders) {
    auto part = ResultsFolder::open(folder);
    if (!part) return fail(part.error());
    auto grading = part->grading();
    if (!grading) return fail(grading.error());
    if (!first) first = *grading;
    if (const auto differs = what_differs(*grading, *first); !differs.empty())
      return fail(Fault::usage, fmt::format("{} does not go with {}: {}", folder, arguments.folders.front(), differs),
                  "parts of one grading have one --seed, lab, kernel and labctl");
    auto students = part->students();
    if (!students) return fail(students.error());
    for (const auto& student : *students) {
      const auto [other, fresh] = graded_in.try_emplace(student.id, folder);
      if (!fresh)
        return fail(Fault::usage, fmt::format("{} is in {} and in {}", printable(student.id), other->second, folder),
                    "merge each part once");
      if (auto kept = merged->keep(student); !kept) return fail(kept.error());
      if (student.state == GradeState::infrastructure_error) ++outcome.owed;
    }
  }
  if (auto kept = merged->keep(*first); !kept) return fail(kept.error());
  auto outputs = write_outputs(*merged, *first, *settings);
  if (!outputs) return fail(outputs.error());
  print_summary(*outputs, outcome, *settings);
  return outcome.owed > 0 ? ExitCode::harness : ExitCode::passed;
}

void add_scoring(CLI::App& app, ScoringArguments& arguments) {
  app.add_option("-o,--out", arguments.out, "the folder for the results");
  app.add_option("--roster", arguments.roster, "a CSV with columns id, name, email, submitted");
  app.add_option("--due", arguments.due, "when it was due, like 2026-11-20T23:59:00Z");
  app.add_option("--grace", arguments.grace_minutes, "minutes after that which do not count")
      ->check(CLI::Range(0, 10'080));
  app.add_option("--late-per-day", arguments.late_per_day, "percent that each begun day takes of what was earned")
      ->check(CLI::Range(0, 100));
  app.add_option("--overrides", arguments.overrides,
                 "a CSV with columns id, test, points, reason: points given by hand");
  app.add_flag("--gradescope", arguments.gradescope, "also a results.json a student, for Gradescope");
  app.add_flag("--github", arguments.github, "also a result a student, for GitHub Classroom");
  auto* canvas = app.add_option("--canvas", arguments.canvas, "a gradebook exported from Canvas, to be filled in");
  auto* column = app.add_option("--canvas-column", arguments.canvas_column, "the assignment's column there");
  column->needs(canvas);
  canvas->needs(column);
  app.add_option("--moodle", arguments.moodle, "a grading worksheet from Moodle, to be filled in");
}

}  // namespace

std::vector<RegisteredCommand> add_grade(CLI::App& parent) {
  auto arguments = std::make_shared<GradeArguments>();
  auto* app = parent.add_subcommand("grade", "Grade a class: every submission against a lab, into a gradebook");
  app->add_option("LAB", arguments->lab, "a lab by name, or a path to a lab's folder");
  app->add_option("SUBMISSIONS", arguments->submissions,
                  "a folder with a folder, .c file or archive a student, or what a learning platform downloads");
  add_scoring(*app, *arguments);
  app->add_option("--layout", arguments->layout, "how the submissions lie (default: it is seen from their names)")
      ->check(CLI::IsMember({"automatic", "plain", "moodle", "canvas", "github"}));
  app->add_flag("--resume", arguments->resume, "go on with what is in --out: what was graded there is kept");
  app->add_option("--only", arguments->only, "only this student, by id; may be given several times")
      ->allow_extra_args(false);
  app->add_option("--shard", arguments->shard, "only a part of the students, like 2/3: the second of three parts");
  app->add_option("-k,--kernel", arguments->kernel, "kernel by name, see `labctl kernel list` (no fallback)");
  app->add_option("--flavour", arguments->flavour,
                  "release or debug: only this one (default: the lab's and tests', else debug)")
      ->check(CLI::IsMember({"release", "debug"}));
  app->add_option("--accel", arguments->accelerator, "how the guest's CPU runs (default: auto)")
      ->check(CLI::IsMember({"auto", "kvm", "tcg"}));
  app->add_option("-j,--jobs", arguments->jobs, "submissions at once (default: one a core)")->check(CLI::Range(1, 256));
  app->add_option("--seed", arguments->seed,
                  "any text, to be kept secret: what the tests' random values are made from (default: a new one)");
  app->add_option("--build-limit", arguments->build_limit_s, "seconds for one module's build (default: 120)")
      ->check(CLI::Range(1, 3600));
  app->add_option("--labs", arguments->labs_folder, "look for the lab in this folder")->check(CLI::ExistingDirectory);

  auto merging = std::make_shared<MergeArguments>();
  auto* merge_app = app->add_subcommand("merge", "Make one gradebook of the results of several --shard");
  merge_app->add_option("DIR", merging->folders, "the folders that the shards were graded into")->required();
  add_scoring(*merge_app, *merging);
  return {{merge_app, [merging](Context& context) { return merge(*merging, context); }},
          {app, [arguments](Context& context) { return grade(*arguments, context); }}};
}

}  // namespace labctl
