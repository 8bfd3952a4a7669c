#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "commands.hpp"
#include "grade/grade.hpp"
#include "grade/identity.hpp"
#include "grade_scoring.hpp"
#include "grade_text.hpp"
#include "intake/layout.hpp"
#include "runner/lab_digest.hpp"
#include "spec/lab_reader.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/text.hpp"
#include "tool_digest.hpp"
#include "workbench.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

struct GradeArguments : ScoringArguments {
  std::string diff;  // an earlier grading, for `labctl regrade`
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

// Nobody types it, and a class may try to guess it.
std::string secret_seed() {
  return fresh_seed() + fresh_seed();
}

// Rows of an earlier grading, by the same roster, lateness and overrides: what differs is the tests' doing.
Result<std::vector<GradeRow>> rows_of(const ResultsFolder& results, const Grading& grading,
                                      const GradeSettings& settings) {
  auto students = results.students();
  if (!students) return fail(students.error());
  return gradebook_rows({std::move(*students), settings.roster, settings.late, settings.overrides}, grading.tests);
}

// CLI11 would ask for them before `labctl grade merge` too.
Status check_given(const GradeArguments& arguments) {
  if (arguments.lab.empty() || arguments.submissions.empty())
    return fail(Fault::usage, "what is to be graded?", "labctl grade LAB SUBMISSIONS --out DIR");
  return {};
}

Result<Lab> lab_to_grade(const GradeArguments& arguments) {
  auto data = find_data_paths();
  if (!data) return fail(data.error());
  auto file = find_lab(arguments.lab, labs_folder_of(arguments.labs_folder, *data));
  if (!file) return fail(file.error());
  auto lab = read_lab(*file);
  if (!lab) return lab;
  return for_grading(std::move(*lab));
}

// Whose submissions there are, and which of them are graded now.
struct Class {
  std::set<std::string> handed_in;  // ids
  std::vector<Entry> entries;
};

Result<Class> find_class(const GradeArguments& arguments, Progress& progress) {
  static const std::map<std::string, Layout> layouts = {{"automatic", Layout::automatic},
                                                        {"plain", Layout::plain},
                                                        {"moodle", Layout::moodle},
                                                        {"canvas", Layout::canvas},
                                                        {"github", Layout::github}};
  auto listing = find_entries(arguments.submissions, layouts.at(arguments.layout));
  if (!listing) return fail(listing.error());
  const fs::path within = fs::weakly_canonical(fs::absolute(arguments.out))
                              .lexically_relative(fs::weakly_canonical(fs::absolute(arguments.submissions)));
  if (!within.empty() && *within.begin() != "..")
    return fail(Fault::usage, fmt::format("{} is in the folder of the submissions", arguments.out),
                "give a folder elsewhere: the results would be taken for a submission");
  progress.note(fmt::format("{} submissions, layout {}", listing->entries.size(), layout_name(listing->layout)));
  if (!listing->not_taken.empty())
    progress.note("no submission, and not graded: " + printable(join(listing->not_taken, ", ")));
  Class found;
  found.entries = std::move(listing->entries);
  for (const auto& entry : found.entries)
    found.handed_in.insert(entry.id);
  if (auto kept = keep_only(arguments.only, found.entries); !kept) return fail(kept.error());
  if (auto kept = keep_shard(arguments.shard, found.entries); !kept) return fail(kept.error());
  return found;
}

// An earlier grading that this one goes on with, or is compared with.
struct Earlier {
  ResultsFolder folder;
  Grading grading;
};

Result<std::unique_ptr<Earlier>> open_earlier(const std::string& path, const Lab& lab) {
  auto folder = ResultsFolder::open(path);
  if (!folder) return fail(folder.error());
  auto grading = folder->grading();
  if (!grading) return fail(grading.error());
  if (grading->lab != lab.id)
    return fail(Fault::usage, fmt::format("{} is a grading of {}", path, grading->lab), "give one of " + lab.id);
  return std::make_unique<Earlier>(Earlier{std::move(*folder), std::move(*grading)});
}

// What is known of a grading before anything was judged. What is not given is as it was in the earlier one.
Result<Grading> plan_grading(const GradeArguments& arguments, const Lab& lab, const std::string& tool,
                             const Grading* earlier, const ModuleFinder& find_module) {
  Grading grading;
  grading.tool_version = LABCTL_VERSION;
  grading.tool = tool;
  grading.lab = lab.id;
  grading.title = lab.title;
  auto spec = lab_digest(lab, find_module);
  if (!spec) return fail(spec.error());
  grading.spec = *spec;
  grading.seed = !arguments.seed.empty() ? arguments.seed : earlier != nullptr ? earlier->seed : secret_seed();
  grading.flavour = arguments.flavour.empty() && earlier != nullptr ? earlier->flavour : arguments.flavour;
  for (const auto& test : lab.tests)
    grading.tests.push_back(
        {test.name, TestStatus::not_run, test.points.value_or(0), 0, test.hidden, test.hint, "", "", ""});
  return grading;
}

GradeOptions grade_options(const GradeArguments& arguments, const Grading& grading, const Grading* earlier) {
  GradeOptions options;
  options.run.kernel = arguments.kernel;
  if (arguments.kernel.empty() && earlier != nullptr && !earlier->kernels.empty())
    options.run.kernel = earlier->kernels.front().name;
  options.run.flavour = grading.flavour;
  options.run.seed = grading.seed;
  options.run.accelerator = accelerator_mode(arguments.accelerator);
  if (arguments.build_limit_s > 0) options.run.limits.module_build = std::chrono::seconds(arguments.build_limit_s);
  options.jobs = arguments.jobs;
  return options;
}

Result<ExitCode> grade(const GradeArguments& arguments, Context& context) {
  if (auto given = check_given(arguments); !given) return fail(given.error());
  auto lab = lab_to_grade(arguments);
  if (!lab) return fail(lab.error());
  auto settings = read_settings(arguments);
  if (!settings) return fail(settings.error());
  auto students = find_class(arguments, context.progress);
  if (!students) return fail(students.error());
  auto opened = Workbench::open(context, arguments.labs_folder);
  if (!opened) return fail(opened.error());
  Workbench& bench = **opened;
  auto qemu = find_qemu(bench.cache(), context.stop);
  if (!qemu) return fail(qemu.error());
  auto tool = grading_tool_digest(bench.initramfs(), *qemu);
  if (!tool) return fail(tool.error());

  std::unique_ptr<Earlier> old;
  if (!arguments.diff.empty()) {
    auto earlier = open_earlier(arguments.diff, *lab);
    if (!earlier) return fail(earlier.error());
    old = std::move(*earlier);
  }
  auto results = arguments.resume ? ResultsFolder::open(arguments.out) : ResultsFolder::create(arguments.out);
  if (!results) return fail(results.error());
  std::optional<Grading> begun;
  if (arguments.resume) {
    auto grading = results->grading();
    if (!grading) return fail(grading.error());
    begun = std::move(*grading);
  }
  const Grading* earlier = begun ? &*begun : old ? &old->grading : nullptr;
  auto grading = plan_grading(arguments, *lab, *tool, earlier, bench.module_finder());
  if (!grading) return fail(grading.error());
  GradeOptions options = grade_options(arguments, *grading, earlier);
  const RunnerParts parts = bench.parts(nullptr, {fs::absolute(arguments.submissions), fs::absolute(arguments.out)});

  auto control = grade_reference(*lab, options, parts, results->path() / "reference");
  if (!control) return fail(control.error());
  grading->kernels = control->kernels;
  if (begun)
    if (const auto differs = what_differs(*begun, *grading); !differs.empty())
      return fail(Fault::usage, fmt::format("cannot go on with {}: {}", arguments.out, differs),
                  "grade into another folder");
  if (!begun)
    if (auto kept = results->keep(*grading); !kept) return fail(kept.error());
  auto files = lab_digest(*lab, bench.module_finder(), SpecItself::left_out);
  if (!files) return fail(files.error());
  options.test_keys = test_keys(*lab, *grading, *files);
  if (old) options.earlier = [&old](const std::string& id) { return old->folder.find(id); };
  auto kept = grade_class(*lab, students->entries, *control, common_digest(*grading), options, parts,
                          bench.store_opener(), *results);
  if (!kept) {
    Error error = kept.error();
    if (error.fault == Fault::interrupted) error.hint = "go on with --resume: what is graded is kept";
    return fail(std::move(error));
  }
  // Whose submission is there and not graded, as of another shard, is not missing.
  std::erase_if(settings->roster, [&](const Student& student) {
    return students->handed_in.contains(student.id) && !results->find(student.id);
  });
  auto outputs = write_outputs(*results, *grading, *settings);
  if (!outputs) return fail(outputs.error());
  print_summary(*outputs, *kept, *settings);
  if (old) {
    auto before = rows_of(old->folder, old->grading, *settings);
    if (!before) return fail(before.error());
    if (auto told = tell_changes(*before, outputs->rows, results->path() / "changes.csv"); !told)
      return fail(told.error());
  }
  return is_owed(*outputs) ? ExitCode::harness : ExitCode::passed;
}

void add_grading(CLI::App& app, GradeArguments& arguments) {
  app.add_option("LAB", arguments.lab, "a lab by name, or a path to a lab's folder");
  app.add_option("SUBMISSIONS", arguments.submissions,
                 "a folder with a folder, .c file or archive a student, or what a learning platform downloads");
  add_scoring(app, arguments);
  app.add_option("--layout", arguments.layout, "how the submissions lie (default: it is seen from their names)")
      ->check(CLI::IsMember({"automatic", "plain", "moodle", "canvas", "github"}));
  app.add_flag("--resume", arguments.resume, "go on with what is in --out: what was graded there is kept");
  app.add_option("--only", arguments.only, "only this student, by id; may be given several times")
      ->allow_extra_args(false);
  app.add_option("--shard", arguments.shard, "only a part of the students, like 2/3: the second of three parts");
  app.add_option("-k,--kernel", arguments.kernel, "kernel by name, see `labctl kernel list` (no fallback)");
  app.add_option("--flavour", arguments.flavour,
                 "release or debug: only this one (default: the lab's and tests', else debug)")
      ->check(CLI::IsMember({"release", "debug"}));
  app.add_option("--accel", arguments.accelerator, "how the guest's CPU runs (default: auto)")
      ->check(CLI::IsMember({"auto", "kvm", "tcg"}));
  app.add_option("-j,--jobs", arguments.jobs, "submissions at once (default: one a core)")->check(CLI::Range(1, 256));
  app.add_option("--seed", arguments.seed,
                 "any text, to be kept secret: what the tests' random values are made from (default: a new one)");
  app.add_option("--build-limit", arguments.build_limit_s, "seconds for one module's build (default: 120)")
      ->check(CLI::Range(1, 3600));
  app.add_option("--labs", arguments.labs_folder, "look for the lab in this folder")->check(CLI::ExistingDirectory);
}

}  // namespace

std::vector<RegisteredCommand> add_grade(CLI::App& parent) {
  auto arguments = std::make_shared<GradeArguments>();
  auto* app = parent.add_subcommand("grade", "Grade a class: every submission against a lab, into a gradebook");
  add_grading(*app, *arguments);
  auto commands = add_grade_merge(*app);  // before the grading that it is a part of
  commands.push_back({app, [arguments](Context& context) { return grade(*arguments, context); }});
  return commands;
}

std::vector<RegisteredCommand> add_regrade(CLI::App& parent) {
  auto arguments = std::make_shared<GradeArguments>();
  auto* app = parent.add_subcommand("regrade", "Grade again after a change of the lab, and say who changes and why");
  app->add_option("--diff", arguments->diff, "the folder of the grading before")->required();
  add_grading(*app, *arguments);
  return {{app, [arguments](Context& context) { return grade(*arguments, context); }}};
}

}  // namespace labctl
