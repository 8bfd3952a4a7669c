// The command line: what the user typed → libraries → what they see.
#pragma once

#include "support/exit_code.hpp"
#include "support/stop.hpp"

namespace labctl {

// Runs one labctl command. Prints results on standard output, progress and errors on standard error. Throws only what
// a library throws for want of memory and the like.
ExitCode run_cli(int argc, char** argv, StopToken stop);

}  // namespace labctl
