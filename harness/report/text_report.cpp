#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "details.hpp"
#include "report/report.hpp"
#include "safe_text.hpp"
#include "style.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

using namespace report;

constexpr std::size_t max_build_lines = 200;
constexpr std::size_t max_name_width = 60;  // names are aligned up to here
constexpr std::size_t detail_indent = 6;

struct Mark {
  const char* sign;
  Tone tone;
  const char* word;     // beside the test's name; "" where the sign says enough
  const char* counted;  // in the summary, after a number
};

Mark mark(TestStatus status) {
  switch (status) {
    case TestStatus::passed: return {"✓", Tone::good, "", "passed"};
    case TestStatus::failed: return {"✗", Tone::bad, "", "failed"};
    case TestStatus::build_failed: return {"✗", Tone::bad, "did not build", "did not build"};
    case TestStatus::timeout: return {"✗", Tone::bad, "timed out", "timed out"};
    case TestStatus::crashed: return {"✗", Tone::bad, "crashed", "crashed"};
    case TestStatus::tampered: return {"✗", Tone::bad, "tampered with", "tampered with"};
    case TestStatus::not_run: return {"–", Tone::dim, "not run", "not run"};
    case TestStatus::infrastructure_error: return {"!", Tone::fault, "not judged", "not judged"};
  }
  return {"?", Tone::fault, "", "unknown"};
}

// What a lab counts as that has no tests to count.
TestStatus status_without_tests(const LabResult& lab) {
  const bool built = failed_builds(lab).empty();
  return lab.error.empty() && !built ? TestStatus::build_failed : TestStatus::infrastructure_error;
}

// As a shell takes it for one word.
std::string shell_word(const std::string& text) {
  const std::string word = one_line(text);
  const bool plain = word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=") ==
                     std::string::npos;
  if (plain && !word.empty()) return word;
  std::string quoted = "'";
  for (const char c : word)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

class TextReport {
 public:
  explicit TextReport(const TextOptions& options) : style_(options.color), verbose_(options.verbose) {}

  std::string take(const RunResult& run) {
    seed_ = run.seed;
    for (const LabResult& lab : run.labs)
      add_lab(lab);
    add_summary(run);
    return std::move(out_);
  }

 private:
  void line(std::size_t indent, const std::string& text) {
    if (!text.empty()) out_ += std::string(indent, ' ') + text;
    out_ += '\n';
  }

  // An empty line, but never two.
  void blank() {
    if (!out_.ends_with("\n\n")) out_ += '\n';
  }

  // The label and the text's first line, further lines below it.
  void labelled(std::size_t indent, Tone tone, const std::string& label, std::string_view text) {
    const auto lines = lines_of(text, 40);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      line(indent, i == 0 ? style_.paint(tone, label) + " " + lines[i] : "  " + lines[i]);
    }
  }

  void add_lab(const LabResult& lab) {
    add_head(lab);
    add_builds(lab);
    if (!lab.error.empty()) {
      labelled(2, Tone::fault, "! labctl could not judge this lab:", lab.error);
      line(4, style_.paint(Tone::note, "next: ") + next_step(lab));
    } else if (lab.tests.empty() && failed_builds(lab).empty()) {
      line(2, style_.paint(Tone::fault, "! this lab has no tests"));
    }
    std::size_t name_width = 0;
    for (const TestResult& test : lab.tests)
      name_width = std::max(name_width, width(one_line(test.name, 200)));
    name_width = std::min(name_width, max_name_width);
    for (const TestResult& test : lab.tests)
      add_test(lab, test, name_width);
    if (!lab.folder.empty() && (verbose_ || !passed(lab))) {
      line(2, style_.paint(Tone::dim, "run folder  " + one_line(lab.folder.string(), 4096)));
      if (!seed_.empty()) line(2, style_.paint(Tone::dim, "seed        " + one_line(seed_)));
    }
    blank();
  }

  void add_head(const LabResult& lab) {
    const std::string id = one_line(lab.lab);
    const std::string title = one_line(lab.title);
    std::vector<std::string> facts;
    if (!title.empty() && title != id) facts.push_back(id);
    if (!lab.kernels.empty()) facts.push_back(kernels_text(lab));
    if (!lab.accelerator.empty()) facts.push_back(one_line(lab.accelerator));
    std::string head = style_.paint(Tone::strong, title.empty() ? id : title);
    if (!facts.empty()) head += style_.paint(Tone::dim, "  " + join(facts, " · "));
    line(0, head);
    if (verbose_ && !lab.spec.empty()) {
      line(2, style_.paint(Tone::dim, "spec  " + one_line(lab.spec.string(), 4096)));
    }
  }

  void add_builds(const LabResult& lab) {
    for (const BuildResult* told : told_builds(lab)) {
      const BuildResult& build = *told;
      const std::string module = flavour_before(lab, build) + one_line(build.module);
      const std::string took = build.cached ? "cached" : human_duration(build.took);
      if (build.succeeded) {
        // A warning is often the reason of what fails later.
        const bool warned = build.output.find("warning:") != std::string::npos;
        if (!verbose_ && !warned) continue;
        line(2, style_.paint(Tone::good, "✓") + " " + module + (warned ? " built with warnings" : " built") +
                    style_.paint(Tone::dim, "  " + took));
        add_compiler_output(build);
        continue;
      }
      if (build.meant_to_fail) {
        // Whether it is as it should be, the test says.
        line(2, style_.paint(Tone::dim, "– ") + module + " does not build, as a test expects" +
                    style_.paint(Tone::dim, "  " + took));
        if (verbose_) add_compiler_output(build);
        continue;
      }
      line(2, style_.paint(Tone::bad, "✗") + " " + build_message(lab, build) + style_.paint(Tone::dim, "  " + took));
      add_compiler_output(build);
    }
  }

  // Not indented: editors and terminals find the file:line:column of a message at the start of its line.
  void add_compiler_output(const BuildResult& build) {
    const auto lines = compiler_output(build, max_build_lines);
    if (lines.empty()) return;
    blank();
    for (const std::string& text : lines)
      line(0, text);
    blank();
  }

  void add_test(const LabResult& lab, const TestResult& test, std::size_t name_width) {
    const Mark m = mark(test.status);
    std::string name = one_line(test.name, 200);
    std::vector<std::string> facts;
    if (test.took.count() > 0) facts.push_back(style_.paint(Tone::dim, human_duration(test.took)));
    if (*m.word != '\0') facts.push_back(style_.paint(m.tone, m.word + reason_not_run(lab, test)));
    // A part of the points cannot be told from the sign.
    const bool all_or_nothing = test.earned == (test.status == TestStatus::passed ? test.points.value_or(0) : 0);
    if (const std::string points = points_of(test); !points.empty() && (verbose_ || !all_or_nothing))
      facts.push_back(style_.paint(Tone::dim, points));
    std::string text = style_.paint(m.tone, m.sign) + " ";
    text += facts.empty() ? name : padded(std::move(name), name_width) + "  " + join(facts, "  ");
    line(2, text);
    const std::size_t before = out_.size();
    add_reason(lab, test);
    for (const std::string& detail : test_details(test, style_, verbose_))
      line(detail_indent, detail);
    add_how_to_repeat(test);
    if (out_.size() > before) blank();
  }

  // Of a test with several runs the one that is shown can be had alone.
  void add_how_to_repeat(const TestResult& test) {
    if (!module_failed(test.status) || test.status == TestStatus::build_failed || test.runs.size() < 2) return;
    const char* what = test.run.failed_allocation ? "these runs again" : "this run alone";
    line(detail_indent, style_.paint(Tone::dim, fmt::format("{}  --seed {} --test {} --run {}", what, shell_word(seed_),
                                                            shell_word(test.name), test.run.number)));
  }

  // ": an earlier step failed", or "" where the lab's own error is the reason.
  static std::string reason_not_run(const LabResult& lab, const TestResult& test) {
    const bool known = test.status == TestStatus::not_run && !test.message.empty() && lab.error.empty();
    return known ? ": " + message_of(test) : "";
  }

  // The test's message, unless the lines around it say the same.
  void add_reason(const LabResult& lab, const TestResult& test) {
    const std::string message = message_of(test, verbose_);
    const bool said_by_lab = !lab.error.empty() && one_line(lab.error).find(message) != std::string::npos;
    switch (test.status) {
      case TestStatus::passed:
        if (!test.note.empty()) line(detail_indent, style_.paint(Tone::dim, one_line(test.note)));
        return;
      case TestStatus::not_run: return;
      case TestStatus::failed:
        // What did not hold is told below.
        if (!has_failed_check(test) || test.run.failed_allocation)
          line(detail_indent, message);
        else if (!test.note.empty())
          line(detail_indent, one_line(test.note));
        return;
      case TestStatus::build_failed:
        if (failed_builds(lab).empty() || !test.note.empty()) line(detail_indent, message);
        return;
      case TestStatus::timeout:
      case TestStatus::crashed:
      case TestStatus::tampered: line(detail_indent, style_.paint(Tone::bad, message)); return;
      case TestStatus::infrastructure_error:
        if (said_by_lab) return;
        labelled(detail_indent, Tone::fault, "labctl could not judge this:", message);
        line(detail_indent, style_.paint(Tone::note, "next: ") + next_step(lab));
        return;
    }
  }

  static bool has_failed_check(const TestResult& test) {
    return std::any_of(test.steps.begin(), test.steps.end(), [](const StepResult& step) {
      return step.status == StepStatus::failed &&
             std::any_of(step.checks.begin(), step.checks.end(), [](const CheckResult& c) { return !c.passed; });
    });
  }

  void add_summary(const RunResult& run) {
    std::map<TestStatus, std::size_t> counts;
    for (const LabResult& lab : run.labs) {
      if (lab.tests.empty()) ++counts[status_without_tests(lab)];
      for (const TestResult& test : lab.tests)
        ++counts[test.status];
    }
    std::vector<std::string> parts;
    for (const auto& [status, count] : counts) {
      const Mark m = mark(status);
      parts.push_back(style_.paint(m.tone, fmt::format("{} {}", count, m.counted)));
    }
    std::string text = parts.empty() ? "nothing was run" : join(parts, ", ");
    if (run.labs.size() > 1) text = fmt::format("{} labs: ", run.labs.size()) + text;
    if (run.interrupted) text = style_.paint(Tone::fault, "interrupted: ") + text;
    if (!run.labs.empty()) text += style_.paint(Tone::dim, " in " + human_duration(run.took));
    line(0, text + points(run));
  }

  static std::string points(const RunResult& run) {
    Score all;
    for (const LabResult& lab : run.labs) {
      const Score one = score(lab);
      all.earned += one.earned;
      all.possible += one.possible;
      all.not_judged += one.not_judged;
    }
    const std::string text = points_text(all);
    return text.empty() ? "" : ", " + text;
  }

  Style style_;
  bool verbose_;
  std::string seed_;
  std::string out_;
};

}  // namespace

std::string text_report(const RunResult& run, const TextOptions& options) {
  return TextReport(options).take(run);
}

}  // namespace labctl
