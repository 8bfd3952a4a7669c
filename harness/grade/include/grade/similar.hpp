// Which submissions resemble each other more than two people's work would. It finds; people judge.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "intake/submission.hpp"
#include "support/cache.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

// Lines of one of a student's files, counted from 1.
struct Passage {
  std::string path;  // as the student has it
  int first = 0;
  int last = 0;
};

// The same piece of program in two submissions, but for names, numbers and layout.
struct Resemblance {
  Passage a, b;
  int tokens = 0;
};

struct SimilarPair {
  std::string a, b;                   // ids
  int percent = 0;                    // of the smaller one's tokens that are in the other one too
  std::vector<Resemblance> passages;  // the longest first
};

// Compares every two submissions, with sim_c (Dick Grune's similarity tester) in the sandbox. given: lines of these are
// nobody's own work, as the starter's. Pairs of at least `least` percent, the most similar first. Fault::harness where
// sim_c is not there.
Result<std::vector<SimilarPair>> find_similar(const std::vector<Submission>& submissions,
                                              const std::vector<std::string>& given, int least, const Cache& cache,
                                              StopToken stop);

// Pure: a text without the lines that the given ones have too. Their places stay, so that lines can be counted.
std::string own_lines(std::string_view text, const std::vector<std::string>& given);

// What sim_c -n says, by the numbers of files named NUMBER.c.
struct SimRun {
  std::size_t a = 0, b = 0;
  int a_first = 0, a_last = 0, b_first = 0, b_last = 0;
  int tokens = 0;
};
struct SimOutput {
  std::vector<int> tokens;  // by number of the file
  std::vector<SimRun> runs;
};
// Pure.
SimOutput read_sim(std::string_view output, std::size_t files);

}  // namespace labctl
