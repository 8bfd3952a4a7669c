#include "judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "proof/prove.hpp"
#include "support/text.hpp"

namespace labctl {

namespace {

// Not one that was not done because an earlier one failed.
bool failed(const TestVerdict& test) {
  return test.status != TestStatus::passed && test.status != TestStatus::not_run;
}

class Judge {
 public:
  Judge(const Lab& lab, const MutantList& mutants, LabProof& proof)
      : mutants_(mutants), proof_(proof), spares_(mutants.spared.size(), 0) {
    for (const auto& test : lab.tests)
      proof_.tests.push_back({test.name});
  }

  void judge(const std::vector<Judged>& modules) {
    for (const auto& module : modules)
      if (module.role == Judged::Role::reference)
        code_[module.kernel].insert(module.verdict.code.begin(), module.verdict.code.end());
    for (const auto& module : modules) {
      if (proof_.error.empty()) take_error(module.verdict.not_judged);
      switch (module.role) {
        case Judged::Role::reference: reference(module); break;
        case Judged::Role::starter: starter(module); break;
        case Judged::Role::written_mutant: written(module); break;
        case Judged::Role::automatic_mutant: automatic(module); break;
      }
    }
  }

  void judge_tests() {
    for (const auto& test : proof_.tests)
      if (test.kills == test.kills_nothings)
        fault(fmt::format("test {} finds no fault in any module that does something", labctl::quoted(test.test)),
              test.kills > 0 ? "it fails only on modules that do nothing of their task" : "",
              "write the mutant that it is meant to find into mutants.yaml, or drop the test");
  }

  void judge_spared() {
    for (std::size_t i = 0; i < spares_.size(); ++i) {
      const SparedMutant& spared = mutants_.spared[i];
      if (spares_[i] == 0)
        fault(fmt::format("{}:{}: no automatic mutant is called {}", spared.where.file.filename().string(),
                          spared.where.line, labctl::quoted(spared.mutant)),
              "", "take it out, or give the name that labctl lab check --verbose tells");
    }
  }

 private:
  void fault(std::string what, std::string details, std::string next, const std::filesystem::path& evidence = {}) {
    proof_.faults.push_back({std::move(what), std::move(details), std::move(next), evidence});
  }

  // Its first line says what happened, the next one what to do.
  void take_error(const std::string& not_judged) {
    const auto end = not_judged.find('\n');
    proof_.error = not_judged.substr(0, end);
    if (end != std::string::npos) proof_.error_hint = not_judged.substr(end + 1);
  }

  void reference(const Judged& module) {
    ReferenceOutcome outcome{module.kernel, module.flavour};
    for (const auto& test : module.verdict.tests) {
      outcome.runs += std::max(1, test.runs);
      if (test.status == TestStatus::passed || !module.verdict.not_judged.empty()) continue;
      outcome.failed += std::max(1, test.failed_runs);
      fault(fmt::format("the reference fails {} on {} {}{}", labctl::quoted(test.test), module.kernel, module.flavour,
                        test.runs > 1 ? fmt::format(", in {} of {} runs", test.failed_runs, test.runs) : ""),
            test.reasons, "mend the module or the test: a student with a right solution would be failed too",
            module.folder);
    }
    proof_.references.push_back(outcome);
  }

  void starter(const Judged& module) {
    StarterOutcome outcome{module.kernel};
    std::vector<std::string> passed;
    for (const auto& test : module.verdict.tests) {
      outcome.earned += test.earned;
      outcome.points += test.points;
      if (test.status == TestStatus::passed) passed.push_back(labctl::quoted(test.test));
    }
    proof_.starters.push_back(outcome);
    if (!module.verdict.not_judged.empty()) return;
    if (!module.verdict.build_error.empty())
      return fault(fmt::format("the starter does not build on {}", module.kernel), module.verdict.build_error,
                   "a student should begin with what compiles", module.folder);
    const bool all = outcome.points == 0 && passed.size() == module.verdict.tests.size();
    if (all || outcome.earned * 100 > outcome.points * starter_limit_percent)
      fault(fmt::format("the starter earns {} of {} points on {}, more than {} %", outcome.earned, outcome.points,
                        module.kernel, starter_limit_percent),
            "it passes " + join(passed, ", "),
            "ask more in these tests, or give them fewer points: nobody earns points by handing in nothing",
            module.folder);
  }

  MutantOutcome outcome_of(const Judged& module) const {
    MutantOutcome outcome;
    outcome.name = module.name;
    outcome.about = module.about;
    outcome.automatic = module.role == Judged::Role::automatic_mutant;
    outcome.file = module.file;
    outcome.line = module.line;
    outcome.kernel = module.kernel;
    for (const auto& test : module.verdict.tests)
      if (failed(test)) outcome.killers.push_back(test.test);
    outcome.note = module.verdict.not_judged;
    return outcome;
  }

  void count_kills(const Judged& module) {
    for (const auto& test : module.verdict.tests) {
      if (!failed(test)) continue;
      const auto power = std::find_if(proof_.tests.begin(), proof_.tests.end(),
                                      [&](const TestPower& one) { return one.test == test.test; });
      if (power == proof_.tests.end()) continue;
      ++power->kills;
      if (module.nothing) ++power->kills_nothings;
    }
  }

  bool same_as_reference(const Judged& module) const {
    const auto found = code_.find(module.kernel);
    const auto& code = module.verdict.code;
    return !code.empty() && found != code_.end() &&
           std::all_of(code.begin(), code.end(), [&](const auto& built) { return found->second.contains(built); });
  }

  void written(const Judged& module) {
    MutantOutcome outcome = outcome_of(module);
    const std::string who = fmt::format("mutant {}", module.name);
    if (!module.verdict.not_judged.empty()) {
      proof_.mutants.push_back(std::move(outcome));
      return;
    }
    if (!module.verdict.build_error.empty()) {
      outcome.end = MutantEnd::unbuildable;
      fault(fmt::format("{} does not build on {}", who, module.kernel), module.verdict.build_error,
            "a compiler finds this fault; write one that only a test finds", module.folder);
    } else if (same_as_reference(module)) {
      outcome.end = MutantEnd::same;
      fault(fmt::format("{} is built to the same code as the reference on {}", who, module.kernel), "",
            "its edits change nothing", module.folder);
    } else {
      outcome.end = outcome.killers.empty() ? MutantEnd::survived : MutantEnd::killed;
      count_kills(module);
      for (const auto& kill : module.written->kills)
        judge_kill(module, kill);
    }
    proof_.mutants.push_back(std::move(outcome));
  }

  void judge_kill(const Judged& module, const ExpectedKill& kill) {
    const auto& tests = module.verdict.tests;
    const auto test =
        std::find_if(tests.begin(), tests.end(), [&](const TestVerdict& one) { return one.test == kill.test; });
    if (test == tests.end() || test->status == TestStatus::passed) {
      fault(fmt::format("mutant {} passes {} on {}", module.name, labctl::quoted(kill.test), module.kernel),
            module.about, "the test does not find this fault: make it stricter", module.folder);
    } else if (test->status == TestStatus::not_run) {
      fault(fmt::format("mutant {} was not given to {} on {}", module.name, labctl::quoted(kill.test), module.kernel),
            test->reasons, "a test that it needs failed first: name that one in \"kills\"", module.folder);
    } else if (test->reasons.find(kill.because) == std::string::npos) {
      fault(fmt::format("mutant {} fails {} on {}, but not because of {}", module.name, labctl::quoted(kill.test),
                        module.kernel, labctl::quoted(kill.because)),
            test->reasons, "is it the fault that was meant? Then mend \"because\", else the test", module.folder);
    }
  }

  // The author's word that this mutant may survive, if there is one.
  const SparedMutant* spared(const std::string& name) {
    const SparedMutant* first = nullptr;
    for (std::size_t i = 0; i < mutants_.spared.size(); ++i) {
      if (!is_like(name, mutants_.spared[i].mutant)) continue;
      ++spares_[i];
      if (first == nullptr) first = &mutants_.spared[i];
    }
    return first;
  }

  void automatic(const Judged& module) {
    MutantOutcome outcome = outcome_of(module);
    const SparedMutant* excuse = spared(module.name);
    if (module.verdict.not_judged.empty()) {
      if (!module.verdict.build_error.empty()) {
        outcome.end = MutantEnd::unbuildable;
      } else if (same_as_reference(module)) {
        outcome.end = MutantEnd::same;
      } else if (!outcome.killers.empty()) {
        outcome.end = MutantEnd::killed;
        count_kills(module);
      } else if (excuse != nullptr) {
        outcome.end = MutantEnd::spared;
        outcome.note = excuse->because;
      } else {
        outcome.end = MutantEnd::survived;
        survivor(module);
      }
      if (module.nothing) judge_nothing(module);
    }
    proof_.mutants.push_back(std::move(outcome));
  }

  void survivor(const Judged& module) {
    if (module.nothing) return;  // told test by test
    fault(fmt::format("no test fails on mutant {} on {}", labctl::quoted(module.name), module.kernel),
          module.file.empty() ? module.about : fmt::format("{} ({}:{})", module.about, module.file, module.line),
          "write a test that finds it; or say in mutants.yaml, under \"spared\", why none need", module.folder);
  }

  void judge_nothing(const Judged& module) {
    for (const auto& test : module.verdict.tests)
      if (test.status == TestStatus::passed)
        fault(fmt::format("test {} passes on {}: {} ({})", labctl::quoted(test.test), module.kernel, module.name,
                          module.about),
              "", "let it see first what a module that works does; a test of the build alone can need another one",
              module.folder);
  }

  const MutantList& mutants_;
  LabProof& proof_;
  std::map<std::string, std::set<std::string>> code_;  // of the reference, by kernel
  std::vector<int> spares_;                            // how many mutants each entry is about
};

}  // namespace

void judge_proof(const Lab& lab, const MutantList& mutants, const std::vector<Judged>& modules, bool whole,
                 LabProof& proof) {
  Judge judge(lab, mutants, proof);
  judge.judge(modules);
  // What no mutant was killed by, only a whole check knows.
  if (!whole || !proof.error.empty()) return;
  judge.judge_tests();
  judge.judge_spared();
}

}  // namespace labctl
