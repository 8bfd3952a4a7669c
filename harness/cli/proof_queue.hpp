// Labs to be proven, some at a time: while the bad modules of one wait for what never comes, another one's are judged.
// Inside cli/ only.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

#include "model/lab.hpp"
#include "model/mutant.hpp"
#include "model/proof.hpp"
#include "proof/prove.hpp"

namespace labctl {

struct LabToProve {
  Lab lab;
  MutantList mutants;
  ProofOptions options;
  std::filesystem::path folder;  // the lab's part of the run folder, which must exist
};

struct ProofQueueResult {
  std::vector<LabProof> done;  // in the labs' order: all, or those before the first that was not done
  Status ended;                // why that one, or one behind it, was not done
};

// tell: is given each proof when it is there and all before it have been told, one at a time; parts.progress is quiet
// meanwhile, and shows the first lab that has not been told. After an error no lab is begun.
ProofQueueResult prove_labs(const std::vector<LabToProve>& labs, const RunnerParts& parts,
                            const KernelStoreOpener& open_store, std::size_t at_once,
                            const std::function<void(const LabProof&)>& tell);

}  // namespace labctl
