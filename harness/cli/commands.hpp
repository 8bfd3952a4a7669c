// The explicit list of commands, one file each: add_X() describes its options, the Command it returns runs it.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "context.hpp"
#include "support/exit_code.hpp"

namespace labctl {

using Command = std::function<Result<ExitCode>(Context&)>;

struct RegisteredCommand {
  CLI::App* app;  // owned by the parent CLI::App
  Command run;
};

std::vector<RegisteredCommand> add_run(CLI::App& parent);
std::vector<RegisteredCommand> add_check_module(CLI::App& parent);
std::vector<RegisteredCommand> add_lab(CLI::App& parent);
std::vector<RegisteredCommand> add_start(CLI::App& parent);
std::vector<RegisteredCommand> add_lab_list(CLI::App& lab);   // a command of `labctl lab`
std::vector<RegisteredCommand> add_lab_check(CLI::App& lab);  // a command of `labctl lab`
std::vector<RegisteredCommand> add_grade(CLI::App& parent);
std::vector<RegisteredCommand> add_grade_merge(CLI::App& grade);  // a command of `labctl grade`
std::vector<RegisteredCommand> add_regrade(CLI::App& parent);
std::vector<RegisteredCommand> add_similar(CLI::App& parent);
std::vector<RegisteredCommand> add_kernel(CLI::App& parent);
std::vector<RegisteredCommand> add_cache(CLI::App& parent);
std::vector<RegisteredCommand> add_doctor(CLI::App& parent);

}  // namespace labctl
