// Bad modules that are made from a good one, by changing its sources: what a lab's tests must notice, whatever its
// author thought of. Pure.
#pragma once

#include <string>
#include <vector>

namespace labctl {

struct MutantSource {
  std::string name;  // of the file, relative to the module's folder
  std::string bytes;
};

struct AutomaticMutant {
  // The same as long as the reference is: "empty", "drop counter_exit: remove_proc_entry(ENTRY_NAME, NULL);". Of
  // several that would have one name all but the first have " #2" and so on behind it.
  std::string name;
  std::string about;                  // one sentence
  std::string file;                   // where the change is; empty: everywhere
  int line = 0;                       // in it, from 1; 0: the whole file
  bool nothing = false;               // it does nothing of its task: every test must fail on it, not only one
  std::vector<MutantSource> sources;  // those of the reference, changed
};

struct AutomaticOptions {
  // Whether tests have allocations fail. Nothing else gets to what stands behind a label in an __init function, so
  // without this there is no mutant of it.
  bool failing_allocations = false;
  bool statements = true;  // false: no mutants of single statements and locks, of which there are many
};

// In this order: `empty` and `init-fails`; `operations-do-nothing` and `operations-fail`, of functions that no other
// calls; `no-clean-up`, of the exit function; for each function that takes locks, one that takes none; for each
// statement, one without it. Messages, warnings and assertions are not dropped: they are for people, and a lab that is
// about them has mutants of its own. Where there is nothing to change there is no mutant.
std::vector<AutomaticMutant> automatic_mutants(const std::vector<MutantSource>& reference,
                                               const AutomaticOptions& options);

}  // namespace labctl
