// What labctl's exit status means. README.md documents these numbers; CI pipelines rely on them.
#pragma once

#include "support/result.hpp"

namespace labctl {

enum class ExitCode : int {
  passed = 0,
  failed = 1,         // a test failed or a module did not build: the module's fault
  usage = 2,          // wrong usage or a bad spec
  harness = 3,        // the harness or its environment failed: never the module's fault
  interrupted = 130,  // 128 + SIGINT, as shells report it; also for SIGTERM
};

constexpr ExitCode exit_code(Fault fault) {
  switch (fault) {
    case Fault::usage: return ExitCode::usage;
    case Fault::module: return ExitCode::failed;
    case Fault::harness: return ExitCode::harness;
    case Fault::interrupted: return ExitCode::interrupted;
  }
  return ExitCode::harness;
}

}  // namespace labctl
