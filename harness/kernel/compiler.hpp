// The compiler that builds kernels: $CC, or gcc.
#pragma once

#include <string>
#include <vector>

#include "support/cache.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

struct Compiler {
  std::vector<std::string> command;  // {"gcc"}; $CC may hold arguments too
  std::string version;               // first line of --version
};

// Starts no process where the program's path, size and time are those of the last time. Fault::harness, naming the
// package, when there is no compiler.
Result<Compiler> find_compiler(const Cache& cache, StopToken stop);

}  // namespace labctl
