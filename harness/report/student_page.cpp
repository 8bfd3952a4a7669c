#include <fmt/format.h>

#include "grade_page_parts.hpp"
#include "report/grade_pages.hpp"
#include "support/text.hpp"

namespace labctl {

using report::html;

namespace {

constexpr const char* style = R"css(
.score { font-size: 2.2rem; font-weight: 650; line-height: 1.2; }
.test { border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; margin: .7rem 0; }
.test h3 { font-size: 1rem; margin: 0; display: flex; gap: .6rem; align-items: baseline; }
.test h3 .points { margin-left: auto; font-weight: 400; color: var(--dim); white-space: nowrap; }
.hint { border-left: 3px solid var(--mark); padding-left: .7rem; margin-top: .6rem; }
)css";

struct Mark {
  const char* sign;
  const char* tone;
};

Mark mark_of(TestStatus status) {
  if (status == TestStatus::passed) return {"✓", "good"};
  if (status == TestStatus::not_run) return {"–", "dim"};
  return status == TestStatus::infrastructure_error ? Mark{"!", "warn"} : Mark{"✗", "bad"};
}

std::string test_block(const GradedTest& test) {
  const Mark mark = mark_of(test.status);
  std::string text = fmt::format(
      "<section class=\"test\"><h3><span class=\"{}\">{}</span> {}<span class=\"points\">{} of {}</span></h3>\n",
      mark.tone, mark.sign, html(test.name), test.earned, test.points);
  if (test.hidden && test.status != TestStatus::passed)
    text += "<p class=\"dim\">What this test does is told after the grades are final.</p>\n";
  if (!test.message.empty()) text += fmt::format("<p>{}</p>\n", html(test.message));
  if (!test.hidden && !test.details.empty()) text += fmt::format("<pre>{}</pre>\n", html(test.details));
  const bool helps = test.status != TestStatus::passed && test.status != TestStatus::infrastructure_error;
  if (!test.hidden && helps && !test.hint.empty()) text += fmt::format("<p class=\"hint\">{}</p>\n", html(test.hint));
  return text + "</section>\n";
}

std::string list(const std::vector<std::string>& lines) {
  std::string text = "<ul>\n";
  for (const auto& line : lines)
    text += fmt::format("<li>{}</li>\n", html(line));
  return text + "</ul>\n";
}

std::string score_block(const GradeRow& row) {
  const FinalScore& score = row.score;
  if (!score.graded)
    return "<p class=\"score warn\">not graded yet</p>\n<p>The grading could not judge this submission. That is not "
           "your fault, and it takes no points; your instructor knows.</p>\n";
  std::string text = fmt::format("<p class=\"score\">{} <span class=\"dim\">of {}</span></p>\n",
                                 hundredths_text(score.hundredths), score.possible);
  if (score.late_percent > 0)
    text += fmt::format("<p>{} of {} earned, less {} % for {} day{} late.</p>\n", score.raw, score.possible,
                        score.late_percent, score.days_late, score.days_late == 1 ? "" : "s");
  for (const auto& reason : score.reasons)
    text += fmt::format("<p>Changed by your instructor: {}</p>\n", html(reason));
  return text;
}

std::string grounds(const Grading& grading, const GradedStudent& student) {
  std::vector<std::string> kernels;
  for (const auto& kernel : grading.kernels)
    kernels.push_back(fmt::format("Linux {} {}", kernel.release, kernel.flavour));
  std::string text =
      fmt::format("<h2>What this was judged with</h2>\n<p class=\"dim\">labctl {}, {}; lab {}",
                  html(grading.tool_version), html(join(kernels, ", ")), html(grading.spec.substr(0, 12)));
  if (!student.submission.empty()) text += fmt::format("; submission {}", html(student.submission.substr(0, 12)));
  return text + "</p>\n";
}

}  // namespace

std::string student_page(const Grading& grading, const GradeRow& row) {
  const GradedStudent& student = row.student;
  const std::string who = row.name.empty() ? student.id : row.name;
  std::string text = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width\">\n<title>{} · {}</title>\n<style>{}{}</style></head>\n<body>\n",
      html(grading.title), html(who), report::page_style, style);
  text += fmt::format("<h1>{}</h1>\n<p class=\"dim\">{}{}</p>\n", html(grading.title), html(who),
                      row.name.empty() ? "" : " · " + html(student.id));
  text += score_block(row);
  if (!student.refusals.empty())
    text += "<h2>Why it was not graded</h2>\n" + list(student.refusals) +
            "<p>Mend this and hand it in again, if the deadline allows.</p>\n";
  else if (!student.message.empty() && row.score.graded)
    text += fmt::format("<p class=\"bad\">{}</p>\n", html(student.message));
  if (!student.compiler.empty())
    text += fmt::format("<h2>What the compiler said</h2>\n<pre>{}</pre>\n", html(student.compiler));
  if (student.refusals.empty() && !student.tests.empty()) {
    text += "<h2>Tests</h2>\n";
    for (const auto& test : student.tests)
      text += test_block(test);
  }
  if (!student.files.empty() || !student.notes.empty()) {
    text += "<h2>What was handed in</h2>\n";
    if (!student.files.empty()) text += fmt::format("<p>Graded: {}</p>\n", html(join(student.files, ", ")));
    for (const auto& note : student.notes)
      text += fmt::format("<p class=\"dim\">{}</p>\n", html(note));
  }
  return text + grounds(grading, student) + "</body></html>\n";
}

}  // namespace labctl
