#include "report_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "support/text.hpp"
#include "text_check.hpp"

namespace labctl {
namespace {

constexpr std::size_t max_told = 4;  // reports, of which a failure says that they came instead

// The compiler's copies of a function have its name and more: "f.constprop.0", "f.cold".
bool names(const std::string& function, const std::string& wanted) {
  return std::string_view(function).substr(0, function.find('.')) == wanted;
}

bool names(const std::vector<StackFrame>& trace, const std::string& wanted) {
  return std::any_of(trace.begin(), trace.end(), [&](const StackFrame& frame) {
    if (frame.interrupted) return false;
    return names(frame.function, wanted) ||
           std::any_of(frame.source.begin(), frame.source.end(),
                       [&](const SourceLine& line) { return names(line.function, wanted); });
  });
}

bool names(const KernelReport& report, const std::string& wanted) {
  return names(report.trace, wanted) || names(report.alloc_trace, wanted) || names(report.free_trace, wanted) ||
         names(report.callback, wanted) ||
         std::any_of(report.locks.begin(), report.locks.end(),
                     [&](const LockSide& side) { return names(side.trace, wanted); });
}

bool is_at(const std::vector<StackFrame>& trace, const std::string& wanted) {
  const SourceLine* line = own_line(trace);
  return line != nullptr && line->text.find(wanted) != std::string::npos;
}

bool is_at(const KernelReport& report, const std::string& wanted) {
  return is_at(report.trace, wanted) || is_at(report.callback, wanted) ||
         std::any_of(report.locks.begin(), report.locks.end(),
                     [&](const LockSide& side) { return is_at(side.trace, wanted); });
}

bool is_about(const ExpectedReport& wanted, const KernelReport& report) {
  return std::find(wanted.kinds.begin(), wanted.kinds.end(), report.kind) != wanted.kinds.end() &&
         (wanted.in.empty() || names(report, wanted.in)) && (wanted.line.empty() || is_at(report, wanted.line));
}

// "kasan-use-after-free at x.c:20 "*p = 1;"".
std::string told(const KernelReport& report) {
  const SourceLine* line = own_line(report.trace);
  for (const LockSide& side : report.locks)
    if (line == nullptr) line = own_line(side.trace);
  if (line == nullptr) line = own_line(report.callback);
  if (line == nullptr) return report.kind;
  return fmt::format(
      "{} in {} at {}:{} {}", report.kind, line->function, line->file.filename().string(), line->line,
      labctl::quoted(line->text.substr(std::min(line->text.find_first_not_of(" \t"), line->text.size())), 80));
}

std::string told(const std::vector<KernelReport>& reports) {
  if (reports.empty()) return "no kernel report";
  std::vector<std::string> all;
  for (const KernelReport& report : reports)
    if (all.size() < max_told) all.push_back(told(report));
  std::string text = join(all, "\n");
  return reports.size() > max_told ? fmt::format("{}\n... {} more", text, reports.size() - max_told) : text;
}

}  // namespace

std::vector<CheckResult> check_reports(const std::vector<ExpectedReport>& wanted, std::vector<KernelReport>& reports) {
  std::vector<CheckResult> checks;
  for (const ExpectedReport& one : wanted) {
    bool came = false;
    for (KernelReport& report : reports) {
      if (!is_about(one, report)) continue;
      report.expected = true;
      came = true;
    }
    if (one.optional) continue;
    const std::string text = expected_report_text(one);
    const std::string what = "the kernel reports " + text;
    checks.push_back(came ? passing(what) : failing(what, "a kernel report: " + text, told(reports)));
  }
  return checks;
}

}  // namespace labctl
