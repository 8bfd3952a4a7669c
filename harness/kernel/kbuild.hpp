// Runs a kernel tree's own make: sandboxed where that works, logged, with nothing of the user's environment.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler.hpp"
#include "support/cache.hpp"
#include "support/fd.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

class Kbuild {
 public:
  // tree: the private copy, which make may change. log: where everything that make says is appended.
  static Result<Kbuild> open(const Cache& cache, std::filesystem::path tree, const std::filesystem::path& log,
                             const Compiler& compiler, StopToken stop);

  // Runs make. False when it fails; what it said is in the log. Errors: make cannot be run, interrupted.
  Result<bool> make(const std::vector<std::string>& arguments,
                    const std::function<void(std::string_view)>& on_line = {}) const;

 private:
  Kbuild(std::filesystem::path tree, Fd log, StopToken stop)
      : tree_(std::move(tree)), log_(std::move(log)), stop_(stop) {}

  std::filesystem::path tree_;
  Fd log_;
  StopToken stop_;
  bool sandboxed_ = false;
  std::string cc_;                       // with ccache in front, where it is installed
  std::filesystem::path ccache_folder_;  // empty: no ccache
};

// Whether a line of make's output tells of one compiled object.
bool is_object_line(std::string_view line);

// The part of a failed build's log that says why: the compiler's errors, else the last lines.
std::string why_it_failed(std::string_view log);

}  // namespace labctl
