// KTAP version 1 (Documentation/dev-tools/ktap.rst in the kernel). A lab is a test, its tests are subtests.
#include <fmt/format.h>

#include <algorithm>

#include "details.hpp"
#include "report/report.hpp"
#include "safe_text.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

using namespace report;

constexpr std::size_t max_build_lines = 100;

// One line without '#', which only directives may have: a reader would take "... # SKIP" in a name or a message for
// one.
std::string plain_words(std::string_view bytes) {
  std::string text = one_line(bytes);
  std::replace(text.begin(), text.end(), '#', '_');
  return text;
}

// kunit.py stops reading at these, wherever in a line they are: a module that prints one must not hide what follows.
std::string without_end_marks(std::string text) {
  for (const std::string_view mark :
       {"List of all partitions:", "Kernel panic - not syncing: VFS:", "reboot: System halted"}) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
      text.replace(text.find(' ', at), 1, "_");
    }
  }
  return text;
}

class KtapReport {
 public:
  std::string take(const RunResult& run) {
    line(0, "KTAP version 1");
    line(0, fmt::format("1..{}", run.labs.size() + (run.interrupted ? 1 : 0)));
    if (!run.labs.empty() && !run.seed.empty()) line(0, "# seed: " + one_line(run.seed));
    for (std::size_t i = 0; i < run.labs.size(); ++i)
      add_lab(run, run.labs[i], i + 1);
    // Skipped tests read as harmless, and labs that were not begun are missing altogether.
    if (run.interrupted) result(0, false, run.labs.size() + 1, "labctl", "ERROR", "interrupted");
    return without_end_marks(std::move(out_));
  }

 private:
  void line(std::size_t indent, std::string_view text) {
    out_.append(indent, ' ');
    out_ += text;
    out_ += '\n';
  }

  // "# Subtest: x" has a meaning; two more spaces before what guests and compilers wrote keep it from looking so.
  void diagnostic(std::size_t indent, std::string_view text) {
    line(indent, text.empty() ? "#" : fmt::format("#   {}", text));
  }

  void result(std::size_t indent, bool ok, std::size_t number, const std::string& name, const std::string& directive,
              const std::string& reason = "") {
    std::string text = fmt::format("{} {} {}", ok ? "ok" : "not ok", number, name.empty() ? "unnamed" : name);
    if (!directive.empty()) text += " # " + directive;
    if (!directive.empty() && !reason.empty()) text += " " + reason;
    line(indent, text);
  }

  void add_lab(const RunResult& run, const LabResult& lab, std::size_t number) {
    if (!lab.tests.empty()) {
      line(2, "KTAP version 1");
      line(2, fmt::format("1..{}", lab.tests.size()));
      for (std::size_t i = 0; i < lab.tests.size(); ++i)
        add_test(lab, lab.tests[i], i + 1);
    }
    if (!lab.kernels.empty()) {
      line(0, "# " + one_line(fmt::format("{} {}", kernels_text(lab), lab.accelerator)));
    }
    if (const std::string points = points_of(lab); !points.empty()) line(0, "# " + points);
    for (const BuildResult* build : failed_builds(lab)) {
      line(0, "# build-failed: " + build_message(lab, *build));
      for (const std::string& text : compiler_output(*build, max_build_lines))
        diagnostic(0, text);
    }
    const std::string name = plain_words(lab.lab);
    if (!lab.error.empty()) {
      line(0, "# next: " + next_step(lab));
      result(0, false, number, name, "ERROR", plain_words(lab.error));
    } else if (lab.tests.empty() && failed_builds(lab).empty()) {
      result(0, false, number, name, "ERROR", "this lab has no tests");
    } else if (infrastructure_failed(lab) && !any_module_failure(lab)) {
      result(0, false, number, name, "ERROR", run.interrupted ? "interrupted" : "could not be judged");
    } else {
      result(0, passed(lab), number, name, "");
    }
  }

  static bool any_module_failure(const LabResult& lab) {
    return !failed_builds(lab).empty() || std::any_of(lab.tests.begin(), lab.tests.end(), [](const TestResult& test) {
      return module_failed(test.status);
    });
  }

  void add_test(const LabResult& lab, const TestResult& test, std::size_t number) {
    const std::string name = plain_words(test.name);
    const std::string message = plain_words(message_of(test));
    if (module_failed(test.status)) {
      line(2, fmt::format("# {}: {}", status_name(test.status), message));
      for (const std::string& text : test_details(test, Style(false), false))
        diagnostic(2, text);
    }
    if (test.status == TestStatus::passed && !test.note.empty()) line(2, "# " + plain_words(test.note));
    if (const std::string points = points_of(test); !points.empty()) line(2, "# " + points);
    switch (test.status) {
      case TestStatus::passed: return result(2, true, number, name, "");
      case TestStatus::not_run: return result(2, true, number, name, "SKIP", message);
      case TestStatus::timeout: return result(2, false, number, name, "TIMEOUT", message);
      case TestStatus::infrastructure_error:
        line(2, "# next: " + next_step(lab));
        return result(2, false, number, name, "ERROR", message);
      case TestStatus::failed:
      case TestStatus::build_failed:
      case TestStatus::crashed:
      case TestStatus::tampered: return result(2, false, number, name, "");
    }
  }

  std::string out_;
};

}  // namespace

std::string ktap_report(const RunResult& run) {
  return KtapReport().take(run);
}

}  // namespace labctl
