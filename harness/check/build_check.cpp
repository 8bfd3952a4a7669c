#include "build_check.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "support/text.hpp"
#include "text_check.hpp"

namespace labctl {
namespace {

std::string warnings_text(int count) {
  return count == 0 ? "no warning" : count == 1 ? "1 warning" : fmt::format("{} warnings", count);
}

std::string first_warning(const BuildResult& build) {
  for (const auto line : split_lines(build.output))
    if (line.find("warning: ") != std::string_view::npos || line.starts_with("WARNING: ")) return one_line(line);
  return {};
}

// The first of them, to see what is meant.
std::string first_findings(const std::vector<std::string>& findings) {
  constexpr std::size_t shown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, findings.size()); ++i)
    text += (i == 0 ? "" : "; ") + one_line(findings[i]);
  return findings.size() > shown ? text + "; ..." : text;
}

// unreadable: why the program did not read all, if it did not.
CheckResult check_findings(const std::string& module, const char* program, int most,
                           const std::vector<std::string>& findings, const std::string& unreadable = {}) {
  const std::string allowed = most == 0 ? "no warning" : "at most " + warnings_text(most);
  const std::string what = fmt::format("{} of {} in {}", allowed, program, module);
  if (!unreadable.empty()) return failing(what, allowed, "not known: " + unreadable);
  const int count = static_cast<int>(findings.size());
  if (count <= most) return passing(what);
  return failing(what, allowed, fmt::format("{}: {}", warnings_text(count), first_findings(findings)));
}

CheckResult check_refused(const BuildStep& step, const BuildResult& build) {
  const std::string what = fmt::format("{} does not build, with {}", step.module, labctl::quoted(step.error));
  const std::string expected = fmt::format("a compiler's error that matches {}", labctl::quoted(step.error));
  if (build.succeeded) return failing(what, expected, "it builds");
  const RE2 expression = compile(step.error);
  return expression.ok() && found(expression, build.output) ? passing(what) : failing(what, expected, build.message);
}

}  // namespace

std::vector<CheckResult> check_build(const BuildStep& step, const BuildResult& build) {
  if (!step.error.empty()) return {check_refused(step, build)};
  const std::string builds = step.module + " builds";
  if (!build.succeeded) return {failing(builds, "a module that builds", build.message)};
  std::vector<CheckResult> checks = {passing(builds)};
  const auto add = [&checks](bool good, const std::string& what, const std::string& expected, const std::string& seen) {
    checks.push_back(good ? passing(what) : failing(what, expected, seen));
  };
  if (step.max_warnings) {
    const std::string most = *step.max_warnings == 0 ? "no warning" : "at most " + warnings_text(*step.max_warnings);
    add(build.warnings <= *step.max_warnings, fmt::format("{} builds with {}", step.module, most), most,
        fmt::format("{}, the first: {}", warnings_text(build.warnings), first_warning(build)));
  }
  // value(): what was asked for and not done must not pass.
  if (step.max_sparse)
    checks.push_back(check_findings(step.module, "sparse", *step.max_sparse, build.sparse.value(), build.unreadable));
  if (step.max_checkpatch)
    checks.push_back(check_findings(step.module, "checkpatch", *step.max_checkpatch, build.checkpatch.value()));
  const auto taken = [&build](const std::string& symbol) {
    return std::binary_search(build.undefined.begin(), build.undefined.end(), symbol);
  };
  for (const auto& symbol : step.uses)
    add(taken(symbol), fmt::format("{} uses {}", step.module, symbol), "a call or use of " + symbol, "none");
  for (const auto& symbol : step.avoids)
    add(!taken(symbol), fmt::format("{} does not use {}", step.module, symbol), "no use of " + symbol, "it is used");
  if (!step.licence.empty())
    add(build.licence == step.licence, fmt::format("{} has the licence {}", step.module, step.licence),
        fmt::format("MODULE_LICENSE({})", labctl::quoted(step.licence)),
        build.licence.empty() ? "none" : labctl::quoted(build.licence));
  return checks;
}

}  // namespace labctl
