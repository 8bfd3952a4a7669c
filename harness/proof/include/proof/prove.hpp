// Tests of a lab's tests: the reference must pass them however often, the starter must not, and modules with one fault
// each must fail.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernel/kernel_store.hpp"
#include "model/mutant.hpp"
#include "model/proof.hpp"
#include "runner/lab_runner.hpp"

namespace labctl {

struct ProofOptions {
  std::vector<std::string> kernels;  // by name; empty: the default one
  int seeds = 20;                    // how often the reference is judged in each flavour
  bool statements = true;            // with mutants of single statements and locks
  std::vector<std::string> mutants;  // only these, by name, and neither reference nor starter; * stands for any text
  bool remembered = true;            // take verdicts of earlier checks of the same inputs
  std::string tool;                  // digest of all of labctl that a verdict depends on
  RunOptions run;                    // jobs, accelerator, sandbox, limits
};

// Proves one lab. parts.kernels is for the runs of the reference. folder: the lab's part of the run folder, which must
// exist; only evidence of faults stays there. What goes wrong on the harness's side is in LabProof::error. An error is
// Fault::usage, as of an edit that does not apply, or Fault::interrupted.
Result<LabProof> prove_lab(const Lab& lab, const MutantList& mutants, const ProofOptions& options,
                           const RunnerParts& parts, const KernelStoreOpener& open_store,
                           const std::filesystem::path& folder);

// The part of its points that a starter may earn at most, in percent.
inline constexpr int starter_limit_percent = 25;

// Whether name is like pattern, in which * stands for any text.
bool is_like(std::string_view name, std::string_view pattern);

}  // namespace labctl
