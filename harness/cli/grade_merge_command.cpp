#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "commands.hpp"
#include "grade/identity.hpp"
#include "grade_scoring.hpp"
#include "grade_text.hpp"
#include "support/text.hpp"

namespace labctl {

namespace {

struct MergeArguments : ScoringArguments {
  std::vector<std::string> folders;
};

// Results of several machines, each of which had a shard, as if one had had all.
Result<ExitCode> merge(const MergeArguments& arguments, Context&) {
  auto settings = read_settings(arguments);
  if (!settings) return fail(settings.error());
  std::vector<GradedStudent> all;
  std::optional<Grading> first;
  std::map<std::string, std::string> graded_in;
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
      all.push_back(student);
    }
  }
  auto merged = ResultsFolder::create(arguments.out);
  if (!merged) return fail(merged.error());
  for (const auto& student : all)
    if (auto kept = merged->keep(student); !kept) return fail(kept.error());
  if (auto kept = merged->keep(*first); !kept) return fail(kept.error());
  auto outputs = write_outputs(*merged, *first, *settings);
  if (!outputs) return fail(outputs.error());
  print_summary(*outputs, 0, *settings);
  return is_owed(*outputs) ? ExitCode::harness : ExitCode::passed;
}

}  // namespace

std::vector<RegisteredCommand> add_grade_merge(CLI::App& grade) {
  auto arguments = std::make_shared<MergeArguments>();
  auto* app = grade.add_subcommand("merge", "Make one gradebook of the results of several --shard");
  app->add_option("DIR", arguments->folders, "the folders that the shards were graded into")->required();
  add_scoring(*app, *arguments);
  return {{app, [arguments](Context& context) { return merge(*arguments, context); }}};
}

}  // namespace labctl
