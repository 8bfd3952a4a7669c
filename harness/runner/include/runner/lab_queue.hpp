// Several labs, a few at a time: while the last tests of one are done, the next one's modules are built.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "runner/lab_runner.hpp"

namespace labctl {

struct LabQueueResult {
  std::vector<LabResult> done;  // in the labs' order: all, or those before the first that was not done
  Status ended;                 // why that one, or one behind it, was not done
};

// folders: one for each lab, which must exist. The first lab is done alone, so that what all need (a kernel, a saved
// machine) is made once. machines: how many may run at once, unless options.jobs says it. After an error no lab is
// begun.
LabQueueResult run_labs(const std::vector<Lab>& labs, const std::vector<std::filesystem::path>& folders,
                        const RunOptions& options, const RunnerParts& parts, const KernelStoreOpener& open_store,
                        std::size_t machines);

}  // namespace labctl
