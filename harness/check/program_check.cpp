#include "program_check.hpp"

#include <fmt/format.h>

#include "check/check.hpp"
#include "nearest_lines.hpp"
#include "step_ending.hpp"
#include "support/text.hpp"
#include "text_check.hpp"

namespace labctl {
namespace {

// A part that waits for what the program prints is asked for, or the program does not do what it should.
void check_input(const RunStep& run, const Observation& seen, std::vector<CheckResult>& checks) {
  for (std::size_t i = 0; i < run.input.size(); ++i) {
    const std::string& after = run.input[i].after;
    if (after.empty()) continue;
    const std::string what = fmt::format("it takes part {} of its input after {}", i + 1, labctl::quoted(after, 80));
    if (i < seen.parts_written) {
      checks.push_back(passing(what));
      continue;
    }
    checks.push_back(
        failing(what, fmt::format("{} in stdout, and part {} of its input taken", labctl::quoted(after, 80), i + 1),
                fmt::format("an end after {} of {} parts, stdout {}", seen.parts_written, run.input.size(),
                            shown_near(seen.standard_output, {after}))));
    return;
  }
}

// Exit status or signal.
CheckResult check_end(const std::string& summary, const RunStep& run, const Observation& seen) {
  const bool by_signal = run.expect_signal.has_value();
  const std::string expected =
      by_signal ? signal_text(*run.expect_signal) : fmt::format("exit status {}", run.expect_exit);
  const std::string what = fmt::format("{} ends with {}", summary, expected);
  const bool passed =
      by_signal ? seen.exit_signal == *run.expect_signal : seen.exit_signal == 0 && seen.exit_status == run.expect_exit;
  if (passed) return passing(what);
  std::string text =
      seen.exit_signal != 0 ? signal_text(seen.exit_signal) : fmt::format("exit status {}", seen.exit_status);
  if (seen.exit_signal == 0) {
    if (seen.exit_status == 126) text += " (a shell's for a program that cannot be executed)";
    if (seen.exit_status == 127) text += " (a shell's for a program that is not found)";
    if (seen.exit_status > 128 && seen.exit_status <= 128 + 31) {
      text += fmt::format(" (a shell's for {})", signal_text(seen.exit_status - 128));
    }
  }
  if (!seen.standard_error.empty()) text += ", stderr " + shown(seen.standard_error);
  return failing(what, expected, text);
}

}  // namespace

std::vector<CheckResult> check_program(const Step& step, const RunStep& run, const Observation& seen) {
  const std::string summary = step_summary(step);
  if (seen.error_number != 0) {
    return {failing(fmt::format("{} starts", summary), "a program that starts",
                    fmt::format("failure with {} to start it{}", errno_name(seen.error_number),
                                seen.error_number == 2 ? ": no such program in the guest" : ""))};
  }
  if (seen.program_timed_out) {
    const std::string limit = human_duration(limit_of(step));
    std::string text = "it still running after " + limit;
    if (!seen.standard_error.empty()) text += "; its stderr: " + shown(seen.standard_error);
    return {failing(fmt::format("{} ends within {}", summary, limit), "the program to end within " + limit, text)};
  }
  std::vector<CheckResult> checks = {check_end(summary, run, seen)};
  check_input(run, seen, checks);
  append(checks, check_text("stdout", run.expect_stdout, seen.standard_output, seen.truncated));
  append(checks, check_text("stderr", run.expect_stderr, seen.standard_error, seen.truncated));
  return checks;
}

}  // namespace labctl
