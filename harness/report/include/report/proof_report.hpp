// What `labctl lab check` found → text for people and JSON for programs. Pure.
#pragma once

#include <string>

#include "model/proof.hpp"
#include "report/report.hpp"

namespace labctl {

// verbose: every mutant, and which tests failed on it.
std::string proof_text(const LabProof& lab, const TextOptions& options);
std::string proof_summary(const ProofResult& result, const TextOptions& options);  // a line below all labs
std::string proof_json(const ProofResult& result);                                 // docs/proving-labs.md describes it

}  // namespace labctl
