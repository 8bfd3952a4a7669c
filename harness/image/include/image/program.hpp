// Programs of a lab's author, built static for the guest and kept by content.
#pragma once

#include <filesystem>
#include <vector>

#include "model/lab.hpp"
#include "process/sandbox.hpp"
#include "support/cache.hpp"
#include "support/limits.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

struct ProgramBuildOptions {
  Sandbox sandbox = Sandbox::on;
  Limits limits;
  std::vector<std::filesystem::path> hidden;  // host folders that the compiler must not see
};

// The program's bytes. folder: the lab's, where its sources are. Fault::usage, with what the compiler said, for one
// that does not build: it is the author's, not a student's. Fault::harness where no compiler can be run.
Result<std::string> build_program(const Cache& cache, const ProgramSpec& program, const std::filesystem::path& folder,
                                  const ProgramBuildOptions& options, StopToken stop);

}  // namespace labctl
