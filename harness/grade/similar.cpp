#include "grade/similar.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <set>

#include "process/process.hpp"
#include "process/sandbox.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

constexpr int shortest_run = 16;  // tokens: a statement or two
constexpr std::chrono::minutes longest{10};
constexpr std::uint64_t most_output = 256ULL << 20;

std::string without_blanks(std::string_view line) {
  std::string plain;
  for (const char c : line)
    if (c != ' ' && c != '\t' && c != '\r') plain += c;
  return plain;
}

// A file of a student's; its number is its place among all.
struct OwnFile {
  std::size_t student = 0;
  std::string path;
};

Result<std::string> run_sim(const fs::path& folder, std::size_t files, StopToken stop) {
  if (!find_program("sim_c"))
    return fail(Fault::harness, "there is no sim_c, which compares programs",
                "install it: apt install similarity-tester");
  ProcessSpec command;
  command.argv = {"sim_c", "-e", "-s", "-n", "-r", std::to_string(shortest_run), "-i"};
  for (std::size_t i = 0; i < files; ++i)
    command.stdin_data += fmt::format("{}.c\n", i);
  // What it reads is from strangers.
  SandboxSpec sandbox;
  sandbox.read_only = {{folder, "/texts"}};
  sandbox.cwd = "/texts";
  auto outcome = run_process(sandboxed(sandbox, command), {longest, most_output}, stop);
  if (!outcome) return fail(outcome.error());
  if (!outcome->success() || outcome->truncated)
    return fail(Fault::harness, fmt::format("sim_c failed: {}", outcome->describe()));
  return std::move(outcome->standard_output);
}

// Tokens of one of two students that are in runs, each counted once; the runs are sorted, the longest first.
int covered(const std::vector<SimRun>& runs, bool of_a) {
  std::set<std::pair<std::size_t, int>> lines;  // of which file
  int tokens = 0;
  for (const auto& run : runs) {
    const int begin = of_a ? run.a_first : run.b_first, end = of_a ? run.a_last : run.b_last;
    int fresh = 0;
    for (int line = begin; line <= end; ++line)
      fresh += lines.insert({of_a ? run.a : run.b, line}).second ? 1 : 0;
    tokens += run.tokens * fresh / (end - begin + 1);
  }
  return tokens;
}

SimRun turned(const SimRun& run) {
  return {run.b, run.a, run.b_first, run.b_last, run.a_first, run.a_last, run.tokens};
}

}  // namespace

std::string own_lines(std::string_view text, const std::vector<std::string>& given) {
  std::set<std::string> others;
  for (const auto& one : given)
    for (const auto line : split_lines(one))
      others.insert(without_blanks(line));
  std::string own;
  for (const auto line : split_lines(text)) {
    if (!others.contains(without_blanks(line))) own += line;
    own += "\n";
  }
  return own;
}

SimOutput read_sim(std::string_view output, std::size_t files) {
  static const re2::RE2 file(R"(File (\d+)\.c: (\d+) tokens, \d+ lines?.*)");
  static const re2::RE2 run(R"((\d+)\.c: line (\d+)-(\d+)\s*\|(\d+)\.c: line (\d+)-(\d+)\s*\[(\d+)\])");
  SimOutput read;
  read.tokens.resize(files, 0);
  for (const auto line : split_lines(output)) {
    const re2::StringPiece text(line.data(), line.size());
    std::size_t number = 0;
    int tokens = 0;
    SimRun one;
    if (re2::RE2::FullMatch(text, file, &number, &tokens)) {
      if (number < files) read.tokens[number] = tokens;
    } else if (re2::RE2::FullMatch(text, run, &one.a, &one.a_first, &one.a_last, &one.b, &one.b_first, &one.b_last,
                                   &one.tokens)) {
      if (one.a < files && one.b < files && one.a != one.b) read.runs.push_back(one);
    }
  }
  return read;
}

Result<std::vector<SimilarPair>> find_similar(const std::vector<Submission>& submissions,
                                              const std::vector<std::string>& given, int least, const Cache& cache,
                                              StopToken stop) {
  auto folder = TempDir::create(cache.tmp(), "similar");
  if (!folder) return fail(folder.error());
  std::vector<OwnFile> files;
  for (std::size_t i = 0; i < submissions.size(); ++i)
    for (const auto& file : submissions[i].files) {
      const fs::path copy = folder->path() / fmt::format("{}.c", files.size());
      if (auto kept = write_file(copy, own_lines(file.bytes, given)); !kept) return fail(kept.error());
      files.push_back({i, file.path});
    }
  if (files.empty()) return std::vector<SimilarPair>();
  auto said = run_sim(folder->path(), files.size(), stop);
  if (!said) return fail(said.error());
  const SimOutput output = read_sim(*said, files.size());
  std::vector<int> tokens(submissions.size(), 0);
  for (std::size_t i = 0; i < files.size(); ++i)
    tokens[files[i].student] += output.tokens[i];
  std::map<std::pair<std::size_t, std::size_t>, std::vector<SimRun>> by_pair;
  for (const auto& run : output.runs) {
    const std::size_t a = files[run.a].student, b = files[run.b].student;
    if (a != b) by_pair[{std::min(a, b), std::max(a, b)}].push_back(a < b ? run : turned(run));
  }
  std::vector<SimilarPair> pairs;
  for (auto& [students, runs] : by_pair) {
    const auto [a, b] = students;
    std::stable_sort(runs.begin(), runs.end(), [](const SimRun& x, const SimRun& y) { return x.tokens > y.tokens; });
    const int smaller = std::min(tokens[a], tokens[b]);
    if (smaller == 0) continue;
    SimilarPair pair{submissions[a].id, submissions[b].id, 0, {}};
    pair.percent = std::min(100, covered(runs, tokens[a] <= tokens[b]) * 100 / smaller);
    if (pair.percent < least) continue;
    for (const auto& run : runs)
      pair.passages.push_back(
          {{files[run.a].path, run.a_first, run.a_last}, {files[run.b].path, run.b_first, run.b_last}, run.tokens});
    pairs.push_back(std::move(pair));
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const SimilarPair& x, const SimilarPair& y) { return x.percent > y.percent; });
  return pairs;
}

}  // namespace labctl
