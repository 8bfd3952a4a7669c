// From verdicts on modules to what they say of the lab. Pure. Inside proof/ only.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/mutant.hpp"
#include "model/proof.hpp"

namespace labctl {

// A module that was judged, and what is expected of it.
struct Judged {
  enum class Role { reference, starter, written_mutant, automatic_mutant };

  Role role = Role::reference;
  std::string name;  // of a mutant
  std::string about;
  std::string file;
  int line = 0;
  bool nothing = false;  // it does nothing of its task: every test must fail
  const WrittenMutant* written = nullptr;
  std::string kernel;
  std::string flavour;           // of the reference
  std::filesystem::path folder;  // its part of the run folder
  Verdict verdict;
};

// All that the lab's modules got → its proof. Every mutant is compared with the reference of the same kernel.
// whole: these are all modules that there are, so that a test which found nothing finds nothing.
void judge_proof(const Lab& lab, const MutantList& mutants, const std::vector<Judged>& modules, bool whole,
                 LabProof& proof);

}  // namespace labctl
