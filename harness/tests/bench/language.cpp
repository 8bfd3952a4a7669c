// Prints three numbers for each round, in milliseconds: reading a spec of 5,000 lines; judging a kernel log of 1 MB by
// 100 texts; and by 100 regular expressions.
//   bench_language ROUNDS
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "check/check.hpp"
#include "spec/lab_reader.hpp"

namespace {

using namespace labctl;

// Every kind of step that labs have most of, in tests of 14 lines.
std::string spec_of(int lines) {
  std::string spec = "lab: big\nmodules: [{name: mod}]\nvalues: {n: {integer: [1, 100]}}\ntests:\n";
  for (int test = 1; test * 14 < lines; ++test)
    spec += fmt::format(R"(  - name: test {0}
    points: 1
    hint: Look at what the function gives back.
    steps:
      - load: mod
        params: {{freq: 3, label: two words}}
      - dmesg: {{has: "mod: loaded {0}", level: info, since: step}}
      - read: /proc/mod
        expect: {{contains: [alpha, beta], lacks: gamma, matches: '(?m)^al(pha|ef) \d+', lines: 12}}
      - write: /proc/mod
        text: "${{n + {0}}}\n"
      - run: grep -c "a  b" /proc/mod
        expect: {{exit: 1, stdout: "0"}}
      - unload: mod
)",
                        test);
  return spec;
}

Evidence log_of(std::size_t bytes) {
  Evidence evidence;
  for (std::size_t written = 0; written < bytes; written += evidence.log.back().text.size() + 1) {
    evidence.log.emplace_back();
    evidence.log.back().text =
        fmt::format("mod: record {}: page 0x{:x} of task swapper/0 is on the list", evidence.log.size(), written);
  }
  evidence.steps.emplace_back();
  evidence.steps.back().ending = Ending::completed;
  evidence.steps.back().log_end = evidence.log.size();
  return evidence;
}

// Each is looked for in the whole log, as an absent text is.
Test test_of(bool patterns) {
  DmesgStep step;
  for (int i = 0; i < 100; ++i)
    (patterns ? step.matches : step.lacks)
        .push_back(patterns ? fmt::format("record \\d+: .*0x[0-9a-f]+ of task none{}", i)
                            : fmt::format("task none{} is", i));
  Test test;
  test.steps.emplace_back();
  test.steps.back().action = step;
  return test;
}

template <class Work>
double milliseconds(Work work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: bench_language ROUNDS\n");
    return 2;
  }
  const std::string spec = spec_of(5000);
  const Evidence evidence = log_of(1 << 20);
  const Test texts = test_of(false), patterns = test_of(true);
  for (int round = 0; round < std::atoi(argv[1]); ++round) {
    std::size_t faults = 0, passed = 0;
    const double read = milliseconds([&] { faults = parse_lab("lab.yaml", spec).diagnostics.size(); });
    const double by_text = milliseconds([&] {
      for (const auto& check : check_step(texts, 0, evidence))
        passed += check.passed ? 1 : 0;
    });
    const double by_pattern = milliseconds([&] {
      for (const auto& check : check_step(patterns, 0, evidence))
        passed += check.passed ? 1 : 0;
    });
    if (faults != 0 || passed != 100) {
      fmt::print(stderr, "the spec has {} faults, {} of 200 checks passed, not 100\n", faults, passed);
      return 1;
    }
    fmt::print("{:.1f} {:.1f} {:.1f}\n", read, by_text, by_pattern);
  }
}
