#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <thread>

#include "commands.hpp"
#include "connection_choice.hpp"
#include "report/report.hpp"
#include "run_folder.hpp"
#include "runner/explanations.hpp"
#include "runner/lab_queue.hpp"
#include "runner/lab_runner.hpp"
#include "spec/lab_reader.hpp"
#include "support/files.hpp"
#include "support/text.hpp"
#include "workbench.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

struct RunArguments {
  std::vector<std::string> labs;
  bool all = false;
  std::string module;
  std::string kernel;
  std::string flavour;
  std::string accelerator = "auto";
  std::string connect;
  std::string sandbox = "on";
  std::string format = "text";
  std::string output;
  bool no_debug_rerun = false;
  std::string labs_folder;
  std::string run_folder;
  int jobs = 0;
  int build_limit_s = 0;
  bool cold = false;
  std::string seed;
  std::vector<std::string> tests;
  int run = 0;
  bool verbose = false;
};

std::string render(const RunResult& run, const std::string& format, const TextOptions& text) {
  if (format == "json") return json_report(run);
  if (format == "junit") return junit_report(run);
  if (format == "ktap") return ktap_report(run);
  return text_report(run, text);
}

// 3 wins over 1: where the harness failed, the verdict is not whole.
ExitCode verdict(const RunResult& run) {
  if (run.interrupted) return ExitCode::interrupted;
  if (std::any_of(run.labs.begin(), run.labs.end(), infrastructure_failed)) return ExitCode::harness;
  return std::all_of(run.labs.begin(), run.labs.end(), passed) ? ExitCode::passed : ExitCode::failed;
}

RunOptions run_options(const RunArguments& arguments) {
  RunOptions options;
  options.kernel = arguments.kernel;
  options.flavour = arguments.flavour;
  if (!arguments.module.empty()) options.module = arguments.module;
  options.accelerator = accelerator_mode(arguments.accelerator);
  options.sandbox = arguments.sandbox == "on" ? Sandbox::on : Sandbox::off;
  options.jobs = arguments.jobs;
  options.cold = arguments.cold;
  options.seed = arguments.seed;
  options.run = arguments.run;
  options.debug_rerun = !arguments.no_debug_rerun;
  if (arguments.build_limit_s > 0) options.limits.module_build = std::chrono::seconds(arguments.build_limit_s);
  return options;
}

// All specs are read before anything runs: an error in the last one should not cost a run of the first.
Result<std::vector<Lab>> read_labs(const RunArguments& arguments, const fs::path& folder) {
  std::vector<std::string> names = arguments.all ? lab_names(folder) : arguments.labs;
  if (names.empty())
    return fail(Fault::usage, "no lab was named",
                "labctl run LAB..., with labs from: " + join(lab_names(folder), ", "));
  if (names.size() > 1 && !arguments.module.empty())
    return fail(Fault::usage, "--module goes with one lab", "run the labs one by one");
  std::vector<Lab> labs;
  Error bad{Fault::usage, "", ""};
  for (const auto& name : names) {
    auto file = find_lab(name, folder);
    if (!file) return fail(file.error());
    auto lab = read_lab(*file);
    if (lab) {
      labs.push_back(std::move(*lab));
    } else {
      if (lab.error().fault != Fault::usage) return fail(lab.error());
      bad.message += (bad.message.empty() ? "" : "\n") + lab.error().message;
      bad.hint = lab.error().hint;
    }
  }
  if (!bad.message.empty()) return fail(std::move(bad));
  return labs;
}

// Leaves the tests that were asked for. What these need is not run, and is not asked about.
Status keep_tests(const std::vector<std::string>& names, std::vector<Lab>& labs) {
  if (names.empty()) return {};
  std::vector<std::string> known;
  for (const auto& lab : labs)
    for (const auto& test : lab.tests)
      known.push_back(test.name);
  for (const auto& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return fail(Fault::usage, fmt::format("there is no test {}", labctl::quoted(name)), suggestion(name, known));
  for (auto& lab : labs)
    std::erase_if(lab.tests, [&names](const Test& test) {
      return std::find(names.begin(), names.end(), test.name) == names.end();
    });
  std::erase_if(labs, [](const Lab& lab) { return lab.tests.empty(); });
  return {};
}

Status check_module_path(const std::string& module) {
  std::error_code ignored;
  if (module.empty() || fs::exists(module, ignored)) return {};
  return fail(Fault::usage, fmt::format("there is no {}", module),
              "--module takes the folder that holds your module's sources, or one .c file");
}

// Whoever stands beside a module of theirs and names none would take the reference's success for their own.
void tell_what_was_judged(const std::vector<Lab>& labs, const RunArguments& arguments, Progress& progress) {
  std::error_code ignored;
  if (labs.size() != 1 || !arguments.module.empty()) return;
  const ModuleSpec& module = labs.front().modules.front();
  for (const auto& name : module.sources.empty() ? std::vector<std::string>{module.name + ".c"} : module.sources)
    if (!fs::exists(name, ignored)) return;
  progress.note(
      fmt::format("this judges the lab's own reference; to judge the module in this folder: labctl run {} --module .",
                  labs.front().id));
}

// A device, a pipe or a link is written to, not replaced by a file.
Status write_report(const fs::path& file, const std::string& report) {
  std::error_code ignored;
  const auto kind = fs::status(file, ignored).type();
  if (kind == fs::file_type::regular || kind == fs::file_type::not_found)
    return write_file(fs::exists(file, ignored) ? fs::canonical(file, ignored) : file, report);
  std::ofstream stream(file, std::ios::binary);
  stream << report << std::flush;
  if (!stream) return system_error("cannot write the report to", file, errno);
  return {};
}

Status deliver(const RunResult& run, const RunArguments& arguments, const Context& context) {
  const TextOptions text{context.terminal.color_out, arguments.verbose};
  const std::string report = render(run, arguments.format, {text.color && arguments.output.empty(), text.verbose});
  if (arguments.output.empty() || arguments.output == "-") {
    fmt::print("{}", report);
    std::fflush(stdout);
    return {};
  }
  // The file is for machines; whoever watches is told all the same.
  fmt::print("{}", text_report(run, text));
  return write_report(arguments.output, report);
}

// A lab's part of the run folder, for each. Two labs of one name, from two folders, have two.
Result<std::vector<fs::path>> make_lab_folders(const std::vector<Lab>& labs, const fs::path& run_folder) {
  std::vector<fs::path> folders;
  for (const auto& lab : labs) {
    fs::path place = run_folder / lab.id;
    std::error_code error;
    for (int n = 2; fs::exists(place, error); ++n)
      place = run_folder / fmt::format("{}-{}", lab.id, n);
    fs::create_directories(place, error);
    if (error) return fail(system_error("cannot create", place, error.value()).value());
    folders.push_back(std::move(place));
  }
  return folders;
}

Result<ExitCode> run(const RunArguments& arguments, Context& context) {
  auto data = find_data_paths();
  if (!data) return fail(data.error());
  if (auto there = check_module_path(arguments.module); !there) return fail(there.error());
  auto labs = read_labs(arguments, labs_folder_of(arguments.labs_folder, *data));
  if (!labs) return fail(labs.error());
  if (auto kept = keep_tests(arguments.tests, *labs); !kept) return fail(kept.error());
  tell_what_was_judged(*labs, arguments, context.progress);
  auto opened = Workbench::open(context, arguments.labs_folder);
  if (!opened) return fail(opened.error());
  Workbench& bench = **opened;
  // Before it goes, what is left of its machines must end: that is after the report was told.
  auto host = connect(arguments.connect, bench.cache(), context);
  if (!host) return fail(host.error());
  auto folder = make_run_folder(arguments.run_folder);
  if (!folder) return fail(folder.error());

  RunOptions options = run_options(arguments);
  if (options.seed.empty()) options.seed = fresh_seed();
  const RunnerParts parts = bench.parts(host->get());
  auto folders = make_lab_folders(*labs, folder->path);
  if (!folders) return fail(folders.error());
  constexpr int memory_mib = 512;  // of a machine in debug, as most are
  const std::size_t machines = *host ? (*host)->machines_at_once(memory_mib) : std::thread::hardware_concurrency();
  const auto began = std::chrono::steady_clock::now();
  auto judged = run_labs(*labs, *folders, options, parts, bench.store_opener(), machines);
  if (!judged.ended && judged.ended.error().fault != Fault::interrupted) return fail(judged.ended.error());
  RunResult result;
  result.tool_version = LABCTL_VERSION;
  result.started = folder->started;
  result.seed = options.seed;
  result.labs = std::move(judged.done);
  result.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  result.interrupted = !judged.ended;
  std::map<std::vector<fs::path>, Explanations> explanations;  // by folders, so that a bad file is told once
  for (std::size_t i = 0; i < result.labs.size(); ++i) {
    const auto [texts, unread] = explanations.try_emplace(explanation_folders((*labs)[i], *data));
    if (unread) texts->second = read_explanations(texts->first, context.progress);
    explain(result.labs[i].tests, texts->second);
  }
  if (auto kept = write_file(folder->path / "result.json", json_report(result)); !kept) return fail(kept.error());
  if (auto delivered = deliver(result, arguments, context); !delivered) return fail(delivered.error());
  return verdict(result);
}

}  // namespace

std::vector<RegisteredCommand> add_run(CLI::App& parent) {
  auto arguments = std::make_shared<RunArguments>();
  auto* app = parent.add_subcommand("run", "Build, boot and judge: run labs against a module");
  app->add_option("LAB", arguments->labs, "labs by name, or paths to lab folders");
  app->add_flag("--all", arguments->all, "every lab in the labs folder");
  app->add_option("-m,--module", arguments->module, "your module: a folder, or one .c file (default: the reference)");
  auto* test = app->add_option("-t,--test", arguments->tests, "only the test of this name; may be given several times")
                   ->allow_extra_args(false);  // what follows the name is a lab
  app->add_option("--run", arguments->run,
                  "with --test: of its runs only the one of this number; with the --seed, the same run again")
      ->check(CLI::Range(1, 1'000'000))
      ->needs(test);
  app->add_option("-k,--kernel", arguments->kernel, "kernel by name, see `labctl kernel list` (no fallback)");
  app->add_option("--flavour", arguments->flavour,
                  "release, or debug with every checker: only this one (default: the lab's and tests', else release)")
      ->check(CLI::IsMember({"release", "debug"}));
  app->add_option("--accel", arguments->accelerator, "how the guest's CPU runs (default: auto)")
      ->check(CLI::IsMember({"auto", "kvm", "tcg"}));
  app->add_option("--connect", arguments->connect, connect_help);
  app->add_option("--sandbox", arguments->sandbox, "off only for your own code (default: on)")
      ->check(CLI::IsMember({"on", "off"}));
  app->add_option("-f,--format", arguments->format, "text, json, junit or ktap")
      ->check(CLI::IsMember({"text", "json", "junit", "ktap"}));
  app->add_option("-o,--output", arguments->output, "write the report to this file, and text to the screen");
  app->add_option("-j,--jobs", arguments->jobs, "machines at once (default: by cores and free memory)")
      ->check(CLI::Range(1, 256));
  app->add_flag("--cold", arguments->cold, "boot a machine for each test instead of restoring a saved one");
  app->add_flag("--no-debug-rerun", arguments->no_debug_rerun,
                "leave what crashed or hung at that (default: it is done again in a debug kernel, if one is built)");
  app->add_option("--seed", arguments->seed,
                  "any text: what the tests' random values are made from (default: another one each time, printed)");
  app->add_option("--build-limit", arguments->build_limit_s, "seconds for one module's build (default: 120)")
      ->check(CLI::Range(1, 3600));
  app->add_option("--labs", arguments->labs_folder, "look for labs in this folder")->check(CLI::ExistingDirectory);
  app->add_option("--run-dir", arguments->run_folder, "keep the run's evidence in this new folder");
  app->add_flag("-v,--verbose", arguments->verbose, "show what passed too");
  return {{app, [arguments](Context& context) { return run(*arguments, context); }}};
}

}  // namespace labctl
