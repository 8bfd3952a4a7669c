// Whether a lab's tests can be trusted. proof/ makes these, report/ turns them into text.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "model/lab.hpp"
#include "model/result.hpp"

namespace labctl {

// How one test went on one module.
struct TestVerdict {
  std::string test;
  TestStatus status = TestStatus::not_run;
  std::string reasons;  // what its failed checks say, a line each
  int runs = 0;
  int failed_runs = 0;
  int earned = 0;
  int points = 0;
};

// How all tests of a lab went on one module.
struct Verdict {
  std::vector<TestVerdict> tests;  // in the spec's order
  std::string build_error;         // why the module itself did not build; empty: it did
  std::vector<std::string> code;   // what it was built to: flavour and digest
  std::string not_judged;          // why there is no verdict; the fault is not the module's
};

enum class MutantEnd {
  killed,
  survived,
  spared,       // it survived, and the lab's author said why it may
  same,         // it is built to the same code as the reference
  unbuildable,  // made by labctl, and no C
  not_judged,
};

struct MutantOutcome {
  std::string name;
  std::string about;
  bool automatic = false;
  std::string file;  // where the fault is; empty: everywhere, or in several places
  int line = 0;      // in file; 0: not known
  std::string kernel;
  MutantEnd end = MutantEnd::not_judged;
  std::vector<std::string> killers;  // tests that failed
  std::string note;                  // why it may survive, or was not judged
};

struct ReferenceOutcome {
  std::string kernel;
  std::string flavour;
  int runs = 0;    // of all tests together
  int failed = 0;  // of them
};

struct StarterOutcome {
  std::string kernel;
  int earned = 0;
  int points = 0;
};

// What a test found of all that it was given.
struct TestPower {
  std::string test;
  int kills = 0;           // mutants that it failed on, once on each kernel
  int kills_nothings = 0;  // of them those that do nothing of their task
};

// Why the lab is not proven.
struct LabFault {
  std::string what;                // one line
  std::string details;             // what was seen, a line each; may be empty
  std::string next;                // what to do
  std::filesystem::path evidence;  // the part of the run folder; may be empty
};

struct LabProof {
  std::string lab;
  std::string title;
  std::vector<ReferenceOutcome> references;
  std::vector<StarterOutcome> starters;
  std::vector<MutantOutcome> mutants;  // by kernel; those of the author first
  std::vector<TestPower> tests;        // in the spec's order
  std::vector<LabFault> faults;        // none: the lab is proven
  // Set where labctl could not judge.
  std::string error;
  std::string error_hint;
  int verdicts = 0;    // of modules on kernels
  int remembered = 0;  // of them, from an earlier check
  std::chrono::milliseconds took{0};
};

struct ProofResult {
  std::string tool_version;
  std::string started;  // RFC 3339, UTC
  int seeds = 0;
  std::vector<LabProof> labs;
  bool interrupted = false;
};

inline bool proven(const LabProof& proof) {
  return proof.error.empty() && proof.faults.empty();
}

}  // namespace labctl
