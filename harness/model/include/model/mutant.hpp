// Modules with one fault each, that a lab's author wrote to prove the lab's tests: its mutants.yaml.
#pragma once

#include <string>
#include <vector>

#include "model/lab.hpp"

namespace labctl {

// A test that must fail, and why.
struct ExpectedKill {
  std::string test;
  std::string because;  // in what the failed check says; empty: for whatever reason
  SourceLocation where;
};

struct WrittenMutant {
  std::string name;                      // as a lab's: a-z, 0-9 and -
  std::string about;                     // what is wrong with it, a sentence
  std::vector<LineReplacement> replace;  // in the reference
  std::vector<ExpectedKill> kills;       // not empty
  SourceLocation where;
};

// An automatic mutant that may survive.
struct SparedMutant {
  std::string mutant;   // its name; * stands for any text
  std::string because;  // a sentence
  SourceLocation where;
};

struct MutantList {
  std::vector<WrittenMutant> written;
  std::vector<SparedMutant> spared;
};

}  // namespace labctl
