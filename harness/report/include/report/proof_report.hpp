// What `labctl lab check` found → text for people and JSON for programs. Pure.
#pragma once

#include <chrono>
#include <string>

#include "model/proof.hpp"
#include "report/report.hpp"

namespace labctl {

// verbose: every mutant, and which tests failed on it.
std::string proof_text(const LabProof& lab, const TextOptions& options);
// A line below all labs. `took`: from the beginning to the end, which is less than the labs' times added up, for some
// are proven at once.
std::string proof_summary(const ProofResult& result, std::chrono::milliseconds took, const TextOptions& options);
std::string proof_json(const ProofResult& result);  // docs/proving-labs.md describes it

}  // namespace labctl
