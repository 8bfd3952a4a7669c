#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "grade/grade.hpp"
#include "grade/similar.hpp"
#include "intake/layout.hpp"
#include "spec/lab_reader.hpp"
#include "support/files.hpp"
#include "support/text.hpp"
#include "workbench.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

struct SimilarArguments {
  std::string lab;
  std::string submissions;
  std::string labs_folder;
  std::string format = "text";
  int least = 40;
  bool verbose = false;
};

using Texts = std::map<std::pair<std::string, std::string>, std::string>;  // by id and path

// What everybody begins with: the starter's sources.
Result<std::vector<std::string>> starter_texts(const Lab& lab) {
  std::vector<std::string> texts;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(fs::absolute(lab.file).parent_path() / "starter", error)) {
    if (!item.is_regular_file(error)) continue;
    auto text = read_file(item.path());
    if (!text) return fail(text.error());
    texts.push_back(std::move(*text));
  }
  return texts;
}

std::string place(const std::string& id, const Passage& passage) {
  return fmt::format("{} {}:{}-{}", printable(id), printable(passage.path), passage.first, passage.last);
}

void print_lines(const std::string& text, const Passage& passage) {
  const auto lines = split_lines(text);
  for (int i = passage.first; i <= passage.last && i <= static_cast<int>(lines.size()); ++i)
    fmt::print("      {:>4}  {}\n", i, printable(lines[static_cast<std::size_t>(i) - 1]));
}

void print_text(const std::vector<SimilarPair>& pairs, const Texts& texts, const SimilarArguments& arguments,
                std::size_t compared) {
  for (const auto& pair : pairs) {
    fmt::print("{:>3} %  {}  {}\n", pair.percent, printable(pair.a), printable(pair.b));
    for (const auto& passage : pair.passages) {
      fmt::print("    {}  =  {}  ({} tokens)\n", place(pair.a, passage.a), place(pair.b, passage.b), passage.tokens);
      if (!arguments.verbose) continue;
      print_lines(texts.at({pair.a, passage.a.path}), passage.a);
      fmt::print("      ----\n");
      print_lines(texts.at({pair.b, passage.b.path}), passage.b);
    }
  }
  fmt::print(
      "{} of {} submissions compared have something in common with another, {} % or more\n",
      [&pairs] {
        std::vector<std::string> ids;
        for (const auto& pair : pairs)
          for (const auto* id : {&pair.a, &pair.b})
            if (std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*id);
        return ids.size();
      }(),
      compared, arguments.least);
}

void print_json(const std::vector<SimilarPair>& pairs) {
  using json = nlohmann::ordered_json;
  const auto passage_json = [](const Passage& passage) {
    return json{{"path", passage.path}, {"first", passage.first}, {"last", passage.last}};
  };
  json list = json::array();
  for (const auto& pair : pairs) {
    json passages = json::array();
    for (const auto& passage : pair.passages)
      passages.push_back({{"a", passage_json(passage.a)}, {"b", passage_json(passage.b)}, {"tokens", passage.tokens}});
    list.push_back({{"a", pair.a}, {"b", pair.b}, {"percent", pair.percent}, {"passages", passages}});
  }
  fmt::print("{}\n", json({{"pairs", list}}).dump(1, ' ', false, json::error_handler_t::replace));
}

Result<ExitCode> similar(const SimilarArguments& arguments, Context& context) {
  auto data = find_data_paths();
  if (!data) return fail(data.error());
  auto file = find_lab(arguments.lab, labs_folder_of(arguments.labs_folder, *data));
  if (!file) return fail(file.error());
  auto lab = read_lab(*file);
  if (!lab) return fail(lab.error());
  auto given = starter_texts(*lab);
  if (!given) return fail(given.error());
  auto listing = find_entries(arguments.submissions, Layout::automatic);
  if (!listing) return fail(listing.error());
  auto cache = context.open_cache();
  if (!cache) return fail(cache.error());
  std::vector<Submission> submissions;
  Texts texts;
  for (const auto& entry : listing->entries) {
    auto submission = take_in(entry, sources_to_hand_in(*lab), {}, context.stop);
    if (!submission) return fail(submission.error());
    if (!submission->refusals.empty() || entry.ambiguous()) {
      context.progress.note(
          fmt::format("not compared: {}: {}", printable(entry.id),
                      submission->refusals.empty() ? "there are several submissions" : submission->refusals.front()));
      continue;
    }
    for (const auto& one : submission->files)
      texts[{submission->id, one.path}] = one.bytes;
    submissions.push_back(std::move(*submission));
  }
  auto pairs = find_similar(submissions, *given, arguments.least, *cache, context.stop);
  if (!pairs) return fail(pairs.error());
  if (arguments.format == "json")
    print_json(*pairs);
  else
    print_text(*pairs, texts, arguments, submissions.size());
  return ExitCode::passed;
}

}  // namespace

std::vector<RegisteredCommand> add_similar(CLI::App& parent) {
  auto arguments = std::make_shared<SimilarArguments>();
  auto* app = parent.add_subcommand("similar", "Find submissions that have more in common than the starter");
  app->add_option("LAB", arguments->lab, "a lab by name, or a path to a lab's folder")->required();
  app->add_option("SUBMISSIONS", arguments->submissions, "as for `labctl grade`")->required();
  app->add_option("--least", arguments->least,
                  "percent of the smaller one's program that must be in the other one (default: 40)")
      ->check(CLI::Range(1, 100));
  app->add_option("-f,--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app->add_option("--labs", arguments->labs_folder, "look for the lab in this folder")->check(CLI::ExistingDirectory);
  app->add_flag("-v,--verbose", arguments->verbose, "show the lines");
  return {{app, [arguments](Context& context) { return similar(*arguments, context); }}};
}

}  // namespace labctl
