// A student's own folder for a lab.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/lab.hpp"
#include "support/result.hpp"

namespace labctl {

// Pure. The Makefile of a student's folder: `make` and `make clean` need a kernel's headers and no labctl; `make run`
// judges with labctl, and without it loads and unloads the module on the machine that it runs on. labctl: its path,
// where it is not in PATH. judge: what follows "run", as shell words.
std::string starter_makefile(const Lab& lab, const std::string& labctl, const std::string& judge);

// Copies the lab's starter, with the hand-out and the Makefile, into `folder`, which is new or empty: all of it
// appears, or nothing. The names of what is there then, sorted. Fault::usage: the folder holds something, or the lab
// has no starter.
Result<std::vector<std::string>> make_starter(const Lab& lab, const std::filesystem::path& folder,
                                              const std::string& makefile);

}  // namespace labctl
