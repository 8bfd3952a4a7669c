#include "details.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "comparison.hpp"
#include "model/report_kind.hpp"
#include "safe_text.hpp"

namespace labctl::report {
namespace {

constexpr std::size_t max_log_lines = 40;
constexpr std::size_t max_console_lines = 15;
constexpr std::size_t max_explanation_bytes = 2000;
constexpr std::size_t max_explanation_columns = 100;

using Lines = std::vector<std::string>;

// Whether the step has anything to say: in a short report only what failed does.
bool shown(bool step_passed, bool verbose) {
  return verbose || !step_passed;
}

bool says_the_same(const BuildResult& a, const BuildResult& b) {
  return a.module == b.module && a.succeeded == b.succeeded && a.message == b.message && a.output == b.output;
}

class Details {
 public:
  Details(const TestResult& test, const Style& style, bool verbose) : test_(test), style_(style), verbose_(verbose) {}

  Lines take() {
    for (const StepResult& step : test_.steps)
      add_step(step);
    for (const CheckResult& check : test_.report_checks)
      add_check(check);
    if (module_failed(test_.status)) {
      if (!says_where_ && test_.status != TestStatus::build_failed)
        add(0, style_.paint(Tone::dim, location(test_.where)));
      add_reports();
      add_debug_run();
      add_log();
      add_console();
      add_hint();
    }
    return std::move(lines_);
  }

 private:
  void add(std::size_t indent, const std::string& line) {
    if (!line.empty()) lines_.push_back(std::string(indent, ' ') + line);
  }

  void add_section(std::string_view title, const Lines& section) {
    add(0, style_.paint(Tone::dim, title));
    for (const std::string& line : section)
      add(2, line);
  }

  void add_step(const StepResult& step) {
    if (step.status == StepStatus::not_run) {
      if (verbose_) add(0, style_.paint(Tone::dim, "– " + one_line(step.summary)));
      return;
    }
    const bool failed = step.status == StepStatus::failed;
    if (!shown(!failed, verbose_)) return;
    std::string line = failed ? style_.paint(Tone::bad, "✗") : style_.paint(Tone::good, "✓");
    line += " " + one_line(step.summary);
    if (const std::string where = location(step.where); failed && !where.empty()) {
      line += style_.paint(Tone::dim, "  " + where);
      says_where_ = true;
    }
    if (step.points && keeps_step_points(test_.status))
      line += style_.paint(Tone::dim, "  " + points_text({failed ? 0 : *step.points, *step.points, 0}));
    add(0, line);
    for (const CheckResult& check : step.checks)
      add_check(check);
  }

  void add_check(const CheckResult& check) {
    if (!shown(check.passed, verbose_)) return;
    const std::string what = one_line(check.what);
    if (check.passed) {
      add(2, style_.paint(Tone::good, "✓ ") + style_.paint(Tone::dim, what));
      return;
    }
    // What was expected says it already, in full.
    if (verbose_ || check.expected.empty()) add(2, style_.paint(Tone::bad, "✗ ") + what);
    for (const std::string& line : comparison(check, style_))
      add(4, line);
  }

  // A title that the test's message holds already is not said twice; the kind is always.
  void add_reports() {
    const std::string message = message_of(test_, verbose_);
    for (const KernelReport& report : test_.reports)
      add_report(is_hang(report.kind) ? "where it hangs" : "kernel report", report,
                 message.find(one_line(report.title)) == std::string::npos);
  }

  void add_report(std::string_view heading, const KernelReport& report, bool with_title) {
    std::string line = one_line(report.kind);
    if (with_title) line += ": " + one_line(report.title);
    line = style_.paint(Tone::dim, heading) + "  " + style_.paint(Tone::bad, line);
    if (report.expected) line += style_.paint(Tone::dim, "  (expected)");
    if (report.suspect) line += style_.paint(Tone::dim, "  (perhaps only a slow host: no module is in its trace)");
    add(0, line);
    add_place("in", report.trace);
    add_place("allocated in", report.alloc_trace);
    add_place("freed in", report.free_trace);
    add_place("it calls", report.callback);
    for (const LockSide& side : report.locks)
      add_place(one_line(side.lock) + " in", side.trace);
    if (!report.expected) add_explanation(report.explanation);
  }

  // What a debug kernel says of the same test, beyond what was said already.
  void add_debug_run() {
    if (!test_.in_debug) return;
    const DebugRun& run = *test_.in_debug;
    if (!run.missing.empty()) {
      add(0, style_.paint(Tone::note, one_line(run.missing)));
      return;
    }
    constexpr std::string_view heading = "in a debug kernel";
    bool said = false;
    for (const KernelReport& report : run.reports) {
      // Only a debug kernel knows who holds a lock.
      const bool known = std::any_of(test_.reports.begin(), test_.reports.end(), [&report](const KernelReport& other) {
        return other.kind == report.kind && other.locks.size() >= report.locks.size();
      });
      if (known) continue;
      add_report(heading, report, true);
      said = true;
    }
    if (said) return;
    const bool same = !run.reports.empty() || run.status == test_.status;
    add(0, style_.paint(Tone::dim, fmt::format("{}  {}", heading,
                                               run.status == TestStatus::passed ? "the test passes"
                                               : same                           ? "the same, and no more"
                                                                                : one_line(run.message))));
  }

  // Reports of one kind often come in a row: what was said is not said again.
  void add_explanation(const std::string& explanation) {
    if (std::find(explained_.begin(), explained_.end(), explanation) != explained_.end()) return;
    explained_.push_back(explanation);
    for (const std::string& line : wrapped(one_line(explanation, max_explanation_bytes), max_explanation_columns))
      add(2, line);
  }

  void add_place(const std::string& how, const std::vector<StackFrame>& trace) {
    const SourceLine* line = own_line(trace);
    if (line == nullptr) return;
    add(2, fmt::format("{} {}, {}:{}", how, one_line(line->function), one_line(line->file.string()), line->line));
    add(6, style_.paint(Tone::bad, one_line(line->text)));
  }

  void add_log() {
    Lines log;
    for (const std::string& entry : test_.log_excerpt) {
      for (const std::string& line : lines_of(entry, max_log_lines))
        log.push_back(line);
    }
    if (log.empty()) log = log_of_failed_step();
    if (log.empty()) return;
    const std::size_t missing = log.size() > max_log_lines ? log.size() - max_log_lines : 0;
    if (missing > 0) {
      log.resize(max_log_lines);
      log.push_back(style_.paint(Tone::dim, fmt::format("... {} more", counted(missing, "line"))));
    }
    add_section("kernel log", log);
    in_log_ = std::move(log);
  }

  Lines log_of_failed_step() const {
    Lines log;
    for (const StepResult& step : test_.steps) {
      if (step.status != StepStatus::failed) continue;
      for (const KmsgRecord& record : step.log) {
        for (const std::string& line : lines_of(format_record(record), max_log_lines))
          log.push_back(line);
      }
    }
    return log;
  }

  // The lines that the kernel log above ends with are not repeated.
  void add_console() {
    Lines console = lines_of(test_.console_tail, max_console_lines, Keep::last);
    const auto is_news = [this](const std::string& line) {
      return !line.empty() && std::find(in_log_.begin(), in_log_.end(), line) == in_log_.end();
    };
    console.erase(console.begin(), std::find_if(console.begin(), console.end(), is_news));
    if (!console.empty()) add_section("last lines of the console", console);
  }

  void add_hint() {
    if (test_.status == TestStatus::build_failed || test_.status == TestStatus::tampered) return;
    const Lines hint = lines_of(test_.hint, 10);
    for (std::size_t i = 0; i < hint.size(); ++i) {
      add(0, style_.paint(Tone::note, i == 0 ? "hint  " : "      ") + hint[i]);
    }
  }

  const TestResult& test_;
  const Style& style_;
  bool verbose_;
  bool says_where_ = false;
  Lines lines_;
  Lines in_log_;
  std::vector<std::string> explained_;
};

}  // namespace

bool module_failed(TestStatus status) {
  switch (status) {
    case TestStatus::passed:
    case TestStatus::not_run:
    case TestStatus::infrastructure_error: return false;
    case TestStatus::failed:
    case TestStatus::build_failed:
    case TestStatus::timeout:
    case TestStatus::crashed:
    case TestStatus::tampered: return true;
  }
  return true;
}

std::string message_of(const TestResult& test, bool verbose) {
  // How a module builds is no secret of the test's.
  const bool secret = test.hidden && !verbose && module_failed(test.status) && test.status != TestStatus::build_failed;
  if (std::string message = secret ? "" : one_line(test.message);
      !message.empty() || test.status == TestStatus::passed) {
    if (test.note.empty() || message.empty()) return message;
    return one_line(test.note) + ": " + message;
  }
  switch (test.status) {
    case TestStatus::passed: break;
    case TestStatus::failed: return "an expectation did not hold";
    case TestStatus::build_failed: return "the module did not build";
    case TestStatus::timeout: return "a step did not end within its limit";
    case TestStatus::crashed: return "the kernel reported a fault";
    case TestStatus::tampered: return "the guest's answers were tampered with";
    case TestStatus::not_run: return "not run";
    case TestStatus::infrastructure_error: return "unknown reason";
  }
  return "";
}

std::string next_step(const LabResult& lab) {
  if (std::string hint = one_line(lab.error_hint); !hint.empty()) return hint;
  return "run it again; if the same happens, \"labctl doctor\" looks for the cause";
}

std::vector<std::string> test_details(const TestResult& test, const Style& style, bool verbose) {
  const bool silent = test.status == TestStatus::passed || test.status == TestStatus::not_run;
  if (silent && !(verbose && test.status == TestStatus::passed)) return {};
  if (test.hidden && !verbose) return {style.paint(Tone::dim, "a hidden test: --verbose shows what it checks"), ""};
  return Details(test, style, verbose).take();
}

std::string kernels_text(const LabResult& lab) {
  std::string text;
  std::string release;
  for (const KernelIdentity& kernel : lab.kernels) {
    text += text.empty() ? "Linux " : ", ";
    if (kernel.release != release) text += kernel.release + " ";
    text += kernel.flavour;
    release = kernel.release;
  }
  return one_line(text);
}

std::vector<const BuildResult*> told_builds(const LabResult& lab) {
  std::vector<const BuildResult*> told;
  for (const BuildResult& build : lab.builds) {
    if (std::none_of(told.begin(), told.end(), [&](const BuildResult* other) { return says_the_same(*other, build); }))
      told.push_back(&build);
  }
  return told;
}

std::string flavour_before(const LabResult& lab, const BuildResult& build) {
  const bool differs = std::any_of(lab.builds.begin(), lab.builds.end(), [&](const BuildResult& other) {
    return other.module == build.module && !says_the_same(other, build);
  });
  return differs ? one_line(build.flavour) + ": " : "";
}

std::string build_message(const LabResult& lab, const BuildResult& build) {
  const std::string module = one_line(build.module);
  const std::string message = one_line(build.message);
  const std::string before = flavour_before(lab, build);
  if (message.empty()) return before + module + " did not build";
  return before + (message.find(module) != std::string::npos ? message : module + " did not build: " + message);
}

std::vector<std::string> compiler_output(const BuildResult& build, std::size_t max_lines) {
  return lines_of(build.output, max_lines);
}

std::string points_text(const Score& score) {
  if (score.possible == 0) return "";
  std::string text = fmt::format("{} of {} points", score.earned, score.possible);
  // A fault of the harness is never scored: these points are neither earned nor lost.
  if (score.not_judged > 0) text += fmt::format(" ({} not judged)", score.not_judged);
  return text;
}

std::string points_of(const TestResult& test) {
  if (!test.points || test.status == TestStatus::infrastructure_error) return "";
  return points_text({test.earned, *test.points, 0});
}

std::string points_of(const LabResult& lab) {
  return points_text(score(lab));
}

std::vector<const BuildResult*> failed_builds(const LabResult& lab) {
  std::vector<const BuildResult*> failed = told_builds(lab);
  std::erase_if(failed, [](const BuildResult* build) { return build->succeeded || build->meant_to_fail; });
  return failed;
}

}  // namespace labctl::report
