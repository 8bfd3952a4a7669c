#include "compiler.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <sstream>

#include "process/process.hpp"
#include "support/files.hpp"
#include "support/limits.hpp"
#include "support/text.hpp"

namespace labctl {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> compiler_command() {
  const char* chosen = std::getenv("CC");
  std::istringstream words(chosen != nullptr ? chosen : "");
  std::vector<std::string> command;
  for (std::string word; words >> word;)
    if (!command.empty() || word != "ccache") command.push_back(word);  // we put ccache in front ourselves
  if (command.empty()) command = {"gcc"};
  return command;
}

// What changes when the program is replaced; empty when that cannot be told.
std::string stamp_of(const fs::path& program, const std::vector<std::string>& command) {
  std::error_code error;
  const fs::path real = fs::canonical(program, error);
  if (error || real.filename() == "ccache") return {};  // a link to ccache hides the compiler behind it
  const auto size = fs::file_size(real, error);
  const auto time = fs::last_write_time(real, error).time_since_epoch().count();
  if (error) return {};
  return fmt::format("{} {} {} {}", real.string(), size, time, join(command, " "));
}

}  // namespace

Result<Compiler> find_compiler(const Cache& cache, StopToken stop) {
  Compiler compiler;
  compiler.command = compiler_command();
  const auto program = find_program(compiler.command[0]);
  if (!program)
    return fail(Fault::harness, fmt::format("cannot build a kernel: {} is not installed", compiler.command[0]),
                "apt-get install gcc");
  const fs::path memo = cache.root() / "kernels" / "state" / "compiler";
  const std::string stamp = stamp_of(*program, compiler.command);
  if (!stamp.empty()) {
    const std::string known = read_file(memo, 1 << 16).value_or("");
    const auto lines = split_lines(known);
    if (lines.size() == 2 && lines[0] == stamp) {
      compiler.version = std::string(lines[1]);
      return compiler;
    }
  }
  ProcessSpec spec;
  spec.argv = compiler.command;
  spec.argv.push_back("--version");
  spec.environment = {{"LC_ALL", "C"}};
  auto outcome = run_process(spec, {Limits{}.tool, 1 << 16}, stop);
  if (!outcome) return fail(outcome.error());
  const auto lines = split_lines(outcome->standard_output);
  if (!outcome->success() || lines.empty())
    return fail(Fault::harness,
                fmt::format("{} does not tell its version: {}", compiler.command[0], outcome->describe()));
  compiler.version = printable(lines[0]);
  // Only a memo: where it cannot be written the next process asks again.
  if (!stamp.empty()) (void)write_file(memo, stamp + "\n" + compiler.version + "\n");
  return compiler;
}

}  // namespace labctl
