// Downloads that continue where they stopped and are verified before they get their name.
#pragma once

#include <filesystem>
#include <string>

#include "kernel/catalogue.hpp"
#include "support/progress.hpp"
#include "support/result.hpp"
#include "support/stop.hpp"

namespace labctl {

// Downloads to `file` unless it is there with the right hash. What was received so far waits in FILE.part for the
// next call; a file with a wrong hash is removed. Two processes do not download the same file at once.
// Fault::harness, naming the address and the reason, when no address gives the file.
Status download(const TarballSource& source, const std::filesystem::path& file, Progress& progress, StopToken stop);

}  // namespace labctl
