#include "cli/cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "commands.hpp"
#include "progress_display.hpp"
#include "support/text.hpp"

namespace labctl {

namespace {

// CLI11 says only "A subcommand is required" or "not expected": name what was meant.
void add_suggestion(const CLI::App& app, int argc, char** argv, Error& error) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  const std::string first = argc > 1 ? argv[1] : "";
  const bool known = std::find(names.begin(), names.end(), first) != names.end();
  if (known || first.empty() || first[0] == '-') {
    error.hint =
        first.empty() ? "labctl --help lists the commands" : fmt::format("labctl {}--help", known ? first + " " : "");
    return;
  }
  error.message = fmt::format("there is no command \"{}\"", printable(first));
  error.hint = suggestion(first, names);
}

}  // namespace

ExitCode run_cli(int argc, char** argv, StopToken stop) {
  CLI::App app("Builds Linux kernels and modules, boots them in QEMU, and judges what they do.", "labctl");
  app.set_version_flag("--version", std::string("labctl ") + LABCTL_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 passed, 1 a test failed or a module did not build, 2 wrong usage or a bad spec,\n"
      "             3 labctl or its environment failed, 130 interrupted.");
  std::vector<RegisteredCommand> commands;
  for (auto add : {add_run, add_start, add_check_module, add_lab, add_grade, add_regrade, add_similar, add_kernel,
                   add_cache, add_doctor})
    for (auto& command : add(app))
      commands.push_back(std::move(command));

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error) == 0 ? ExitCode::passed : ExitCode::harness;  // --help
    Error told{Fault::usage, error.what(), ""};
    add_suggestion(app, argc, argv, told);
    print_error(told);
    return ExitCode::usage;
  }
  const Terminal terminal = look_at_terminal();
  ProgressDisplay progress(terminal.terminal_err);
  Context context{stop, progress, terminal};
  for (const auto& command : commands) {
    if (!command.app->parsed()) continue;
    auto done = command.run(context);
    // A report that did not arrive is no verdict.
    if (done && (std::fflush(stdout) != 0 || std::ferror(stdout) != 0))
      done = fail(Fault::harness, "cannot write to standard output", "check where it goes, or use --output FILE");
    if (done) return *done;
    progress.end(false);
    print_error(done.error());
    return exit_code(done.error().fault);
  }
  return ExitCode::usage;
}

}  // namespace labctl
