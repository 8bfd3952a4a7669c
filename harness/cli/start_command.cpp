#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "commands.hpp"
#include "spec/lab_reader.hpp"
#include "starter.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

struct StartArguments {
  std::string lab;
  std::string folder;
  std::string labs_folder;
};

std::string what_it_is(const std::string& name) {
  if (name == "README.md") return "what to do, and how it is judged";
  if (name == "Makefile") return "make, make run, make clean";
  return "yours to change";
}

Result<ExitCode> start(const StartArguments& arguments, Context&) {
  auto data = find_data_paths();
  if (!data) return fail(data.error());
  const fs::path labs = arguments.labs_folder.empty() ? data->labs : fs::path(arguments.labs_folder);
  auto file = find_lab(arguments.lab, labs);
  if (!file) return fail(file.error());
  auto lab = read_lab(*file);
  if (!lab) return fail(lab.error());
  const fs::path folder = arguments.folder.empty() ? fs::path(lab->id) : fs::path(arguments.folder);
  std::error_code error;
  const fs::path labctl = fs::read_symlink("/proc/self/exe", error);
  // A lab that is not labctl's own is found by its folder.
  const fs::path lab_folder = fs::weakly_canonical(fs::absolute(*file).parent_path(), error);
  const bool own = fs::equivalent(lab_folder, data->labs / lab->id, error);
  const std::string judge = own ? lab->id : lab_folder.string();
  auto names = make_starter(*lab, folder, starter_makefile(*lab, labctl.string(), judge));
  if (!names) return fail(names.error());
  const std::string shown = printable(folder.lexically_normal().string());
  fmt::print("{} is yours:\n", shown);
  std::size_t width = 0;
  for (const auto& name : *names)
    width = std::max(width, name.size());
  for (const auto& name : *names)
    fmt::print("  {:<{}}  {}\n", name, width, what_it_is(name));
  if (lab->minutes > 0) fmt::print("It takes about {} minutes.\n", lab->minutes);
  fmt::print("next: read {}/README.md; then cd {} && make run\n", shown, shown);
  return ExitCode::passed;
}

}  // namespace

std::vector<RegisteredCommand> add_start(CLI::App& parent) {
  auto arguments = std::make_shared<StartArguments>();
  auto* app =
      parent.add_subcommand("start", "Begin a lab: its starter, hand-out and a Makefile in a folder of your own");
  app->add_option("LAB", arguments->lab, "a lab by name, or a path to a lab's folder")->required();
  app->add_option("DIR", arguments->folder, "a new or empty folder (default: the lab's name)");
  app->add_option("--labs", arguments->labs_folder, "look for the lab in this folder")->check(CLI::ExistingDirectory);
  return {{app, [arguments](Context& context) { return start(*arguments, context); }}};
}

}  // namespace labctl
