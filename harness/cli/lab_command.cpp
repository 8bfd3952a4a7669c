#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "commands.hpp"
#include "lab_json.hpp"
#include "lab_text.hpp"
#include "new_lab.hpp"
#include "runner/lab_runner.hpp"
#include "spec/lab_reader.hpp"
#include "support/files.hpp"
#include "support/limits.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

struct LabArguments {
  std::vector<std::string> specs;
  std::string name;
  std::string labs_folder;
  std::string format = "text";
};

std::string counted(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

Result<fs::path> labs_folder(const LabArguments& arguments) {
  if (!arguments.labs_folder.empty()) return arguments.labs_folder;
  auto data = find_data_paths();
  if (!data) return fail(data.error());
  return data->labs;
}

Result<LabReading> find_and_read(const std::string& spec, const fs::path& labs) {
  auto file = find_lab(spec, labs);
  if (!file) return fail(file.error());
  return read_spec(*file);
}

// What was found in the specs so far.
struct Tally {
  std::size_t good = 0;
  std::size_t bad = 0;
  std::size_t errors = 0;
};

void tell_good(const Lab& lab, Tally& tally) {
  ++tally.good;
  std::size_t steps = 0;
  for (const auto& test : lab.tests)
    steps += test.steps.size();
  fmt::print("{}: ok, {}, {}\n", printable(lab.file.string()), counted(lab.tests.size(), "test"),
             counted(steps, "step"));
}

// Of the files that the spec speaks of.
void tell_errors(const std::vector<Error>& errors, Tally& tally) {
  ++tally.bad;
  tally.errors += errors.size();
  for (const auto& error : errors) {
    fmt::print("{}\n", error.message);
    if (!error.hint.empty()) fmt::print("  hint: {}\n", error.hint);
  }
}

// The listing of a spec, as a compiler would print it.
void tell(const LabReading& reading, Tally& tally) {
  const Lab& lab = reading.lab;
  ++tally.bad;
  tally.errors += reading.diagnostics.size() + reading.omitted;
  for (const auto& diagnostic : reading.diagnostics)
    fmt::print("{}\n", format_diagnostic(lab.file, lab.text, diagnostic));
  if (reading.omitted > 0)
    fmt::print("{}: {} not shown\n", printable(lab.file.string()), counted(reading.omitted, "more error"));
}

Result<ExitCode> lint(const LabArguments& arguments, Context& context) {
  auto labs = labs_folder(arguments);
  if (!labs) return fail(labs.error());
  const auto data = find_data_paths();
  const ModuleFinder find_module = [&data](const Lab& lab, const std::string& module) -> Result<fs::path> {
    return data ? find_module_folder(lab, module, *data) : fail(data.error());
  };
  Tally tally;
  ExitCode code = ExitCode::passed;
  for (const auto& spec : arguments.specs) {
    if (context.stop.requested()) return fail(Fault::interrupted, "interrupted");
    auto reading = find_and_read(spec, *labs);
    if (reading) {
      const bool bad = !reading->diagnostics.empty();
      const auto errors = bad ? std::vector<Error>() : source_errors(reading->lab, Limits{}, find_module);
      if (bad)
        tell(*reading, tally);
      else if (!errors.empty())
        tell_errors(errors, tally);
      else
        tell_good(reading->lab, tally);
      if (bad || !errors.empty()) code = std::max(code, ExitCode::usage);
      continue;
    }
    // One that is not there or cannot be read does not hide what is wrong with the others.
    ++tally.bad;
    ++tally.errors;
    std::fflush(stdout);
    print_error(reading.error());
    code = std::max(code, exit_code(reading.error().fault));
  }
  const std::string read = counted(arguments.specs.size(), "spec");
  if (tally.bad == 0)
    fmt::print("{}, no errors\n", read);
  else
    fmt::print("{}, {} ok, {} with {}; docs/lab-language.md describes every key\n", read, tally.good, tally.bad,
               counted(tally.errors, "error"));
  return code;
}

Result<ExitCode> create(const LabArguments& arguments, Context&) {
  auto labs = labs_folder(arguments);
  if (!labs) return fail(labs.error());
  // An editor's help is worth having, but a lab is one without it.
  const auto data = find_data_paths();
  if (auto made = make_lab(arguments.name, *labs, data ? data->schema : fs::path()); !made) return fail(made.error());
  const std::string folder = (*labs / arguments.name).string();
  const std::string option = arguments.labs_folder.empty() ? "" : " --labs " + arguments.labs_folder;
  fmt::print("{}/lab.yaml: what is judged\n", printable(folder));
  fmt::print("{0}/modules/{1}/{1}.c: the module that solves it\n", printable(folder), arguments.name);
  fmt::print("next: labctl run {}{}\n", arguments.name, printable(option));
  fmt::print("then change both files; their comments say how\n");
  return ExitCode::passed;
}

Result<ExitCode> show(const LabArguments& arguments, Context&) {
  auto labs = labs_folder(arguments);
  if (!labs) return fail(labs.error());
  auto file = find_lab(arguments.specs.front(), *labs);
  if (!file) return fail(file.error());
  auto lab = read_lab(*file);
  if (!lab) return fail(lab.error());
  fmt::print("{}", arguments.format == "json" ? lab_json(*lab) : lab_text(*lab));
  return ExitCode::passed;
}

Result<ExitCode> schema(const LabArguments&, Context&) {
  auto data = find_data_paths();
  if (!data) return fail(data.error());
  auto text = read_file(data->schema);
  if (!text) return fail(text.error());
  fmt::print("{}", *text);
  return ExitCode::passed;
}

}  // namespace

std::vector<RegisteredCommand> add_lab(CLI::App& parent) {
  auto* lab = parent.add_subcommand("lab", "Write labs: begin one, check its spec, see what it says");
  lab->require_subcommand(1);
  auto arguments = std::make_shared<LabArguments>();
  std::vector<RegisteredCommand> commands;
  const auto add = [&](const char* name, const char* what, Result<ExitCode> (*action)(const LabArguments&, Context&)) {
    auto* app = lab->add_subcommand(name, what);
    commands.push_back({app, [arguments, action](Context& context) { return action(*arguments, context); }});
    return app;
  };
  auto* lint_app = add("lint", "Show every error in lab specs, without building or booting anything", lint);
  lint_app->add_option("FILE", arguments->specs, "lab.yaml files, lab folders, or labs by name")->required();
  lint_app->add_option("--labs", arguments->labs_folder, "look for labs in this folder")->check(CLI::ExistingDirectory);
  auto* new_app = add("new", "Make a lab that runs at once, to be changed", create);
  new_app->add_option("NAME", arguments->name, "the lab's name: a-z, 0-9 and -")->required();
  new_app->add_option("--labs", arguments->labs_folder, "make it in this folder (default: with labctl's own)");
  auto* show_app = add("show", "Say what labctl makes of a lab's spec, in words", show);
  show_app->add_option("LAB", arguments->specs, "a lab.yaml, a lab's folder, or a lab by name")
      ->required()
      ->expected(1);
  show_app->add_option("--labs", arguments->labs_folder, "look for the lab in this folder")
      ->check(CLI::ExistingDirectory);
  show_app->add_option("--format", arguments->format, "text, or json for other programs")
      ->check(CLI::IsMember({"text", "json"}));
  for (auto add_more : {add_lab_list, add_lab_check})
    for (auto& command : add_more(*lab))
      commands.push_back(std::move(command));
  add("schema", "Print the JSON Schema of lab.yaml, for editors", schema);
  return commands;
}

}  // namespace labctl
