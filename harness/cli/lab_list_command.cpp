#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "commands.hpp"
#include "course_text.hpp"
#include "spec/course_reader.hpp"
#include "spec/lab_reader.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

struct ListArguments {
  std::string labs_folder;
  std::string format = "text";
};

Result<ExitCode> list(const ListArguments& arguments, Context&) {
  auto data = find_data_paths();
  if (!data) return fail(data.error());
  const fs::path folder = arguments.labs_folder.empty() ? data->labs : fs::path(arguments.labs_folder);
  auto course = read_course(folder);
  if (!course) return fail(course.error());
  std::vector<Lab> labs;
  for (const auto& name : lab_names(folder)) {
    auto lab = read_lab(folder / name / "lab.yaml");
    if (!lab) return fail(lab.error());
    labs.push_back(std::move(*lab));
  }
  if (labs.empty())
    return fail(Fault::usage, fmt::format("there is no lab in {}", folder.string()),
                "labctl lab new NAME --labs " + folder.string());
  const auto faults = course_faults(labs);
  if (!faults.empty()) return fail(Fault::usage, join(faults, "\n"), "mend \"prerequisites\" in these labs' lab.yaml");
  if (arguments.format == "json") {
    fmt::print("{}", course_json(*course, labs));
  } else if (arguments.format == "markdown") {
    fmt::print("{}", course_markdown(*course, labs));
  } else {
    fmt::print("{}", course_text(*course, labs));
    fmt::print("next: labctl start {}\n", course_sections(*course, labs).front().labs.front()->id);
  }
  return ExitCode::passed;
}

}  // namespace

std::vector<RegisteredCommand> add_lab_list(CLI::App& lab) {
  auto arguments = std::make_shared<ListArguments>();
  auto* app = lab.add_subcommand("list", "Show the course: labs by topic, with their time and prerequisites");
  app->add_option("--labs", arguments->labs_folder, "the labs of this folder")->check(CLI::ExistingDirectory);
  app->add_option("-f,--format", arguments->format, "text, json or markdown")
      ->check(CLI::IsMember({"text", "json", "markdown"}));
  return {{app, [arguments](Context& context) { return list(*arguments, context); }}};
}

}  // namespace labctl
