// JUnit XML as both GitLab's and Jenkins' readers want it. GitLab: testcase classname and name make the key, equal
// keys are dropped, at most 30 MB. Jenkins (xunit plugin, junit-10.xsd): testcase has name, classname and time only,
// testsuite needs name, tests, failures and errors. No system-out is written: both readers look for attachments there
// ("[[ATTACHMENT|path]]"), and what a guest prints must not name files of the CI host.
#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "details.hpp"
#include "report/report.hpp"
#include "safe_text.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

using namespace report;

constexpr std::size_t max_name_bytes = 200;
constexpr std::size_t max_message_bytes = 500;
constexpr std::size_t max_body_bytes = 32'000;          // of one test
constexpr std::size_t max_all_body_bytes = 16'000'000;  // in the file, escaped; leaves room below GitLab's 30 MB
constexpr std::size_t max_build_lines = 200;

// As pugixml writes it.
std::size_t escaped_size(std::string_view text) {
  std::size_t size = 0;
  for (const char c : text)
    size += c == '&' ? 5 : c == '<' || c == '>' ? 4 : 1;
  return size;
}

std::string seconds(std::chrono::milliseconds duration) {
  return fmt::format("{:.3f}", static_cast<double>(duration.count()) / 1000.0);
}

// One <testcase>: a test, or a lab that has none.
struct Case {
  std::string name;
  std::chrono::milliseconds took{0};
  TestStatus status = TestStatus::passed;
  std::string message;
  std::vector<std::string> details;
};

std::vector<std::string> failed_build_details(const LabResult& lab) {
  std::vector<std::string> lines;
  for (const BuildResult* build : failed_builds(lab)) {
    lines.push_back(build_message(lab, *build));
    for (std::string& line : compiler_output(*build, max_build_lines))
      lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> case_details(const LabResult& lab, const TestResult& test,
                                      const std::vector<std::string>& build_lines) {
  if (test.status == TestStatus::infrastructure_error) return {"next: " + next_step(lab)};
  std::vector<std::string> lines;
  if (test.status == TestStatus::build_failed) lines = build_lines;
  for (std::string& line : test_details(test, Style(false), false))
    lines.push_back(std::move(line));
  return lines;
}

// A lab without tests gets a case that tells why, or a reader would see nothing amiss.
Case case_for_lab(const LabResult& lab) {
  Case c;
  c.took = lab.took;
  c.name = "lab";
  c.status = TestStatus::infrastructure_error;
  if (!lab.error.empty()) {
    c.message = one_line(lab.error, max_message_bytes);
    c.details = lines_of(lab.error, max_build_lines);
    c.details.push_back("next: " + next_step(lab));
    return c;
  }
  const auto failed = failed_builds(lab);
  if (failed.empty()) {
    c.message = lab.tests.empty() ? "this lab has no tests" : "not every test was run";
    return c;
  }
  c.name = "build";
  c.status = TestStatus::build_failed;
  c.message = build_message(lab, *failed.front());
  c.details = failed_build_details(lab);
  return c;
}

std::vector<Case> cases_of(const LabResult& lab, bool interrupted) {
  const std::vector<std::string> build_lines = failed_build_details(lab);
  std::vector<Case> cases;
  for (const TestResult& test : lab.tests) {
    cases.push_back({one_line(test.name, max_name_bytes), test.took, test.status,
                     cut(message_of(test), max_message_bytes), case_details(lab, test, build_lines)});
  }
  // What kept labctl from a verdict must not hide behind tests that are merely skipped.
  const bool told = std::any_of(cases.begin(), cases.end(),
                                [](const Case& c) { return c.status == TestStatus::infrastructure_error; });
  if (cases.empty() || (infrastructure_failed(lab) && !told && !interrupted)) cases.push_back(case_for_lab(lab));
  return cases;
}

const char* element_for(TestStatus status) {
  if (status == TestStatus::passed) return nullptr;
  if (status == TestStatus::infrastructure_error) return "error";
  return status == TestStatus::not_run ? "skipped" : "failure";
}

class JunitReport {
 public:
  std::string take(const RunResult& run) {
    pugi::xml_node declaration = document_.append_child(pugi::node_declaration);
    declaration.append_attribute("version") = "1.0";
    declaration.append_attribute("encoding") = "UTF-8";
    pugi::xml_node root = document_.append_child("testsuites");
    Totals totals;
    for (const LabResult& lab : run.labs)
      add_lab(root, run, lab, cases_of(lab, run.interrupted), totals);
    if (run.interrupted) add_interruption(root, run, totals);
    root.append_attribute("name") = "labctl";
    add_totals(root, totals);
    root.append_attribute("time") = seconds(run.took).c_str();
    std::ostringstream out;
    document_.save(out, "  ", pugi::format_indent, pugi::encoding_utf8);
    return out.str();
  }

 private:
  struct Totals {
    std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  };

  static void count(Totals& totals, TestStatus status) {
    ++totals.tests;
    if (module_failed(status)) ++totals.failures;
    if (status == TestStatus::infrastructure_error) ++totals.errors;
    if (status == TestStatus::not_run) ++totals.skipped;
  }

  static void add_totals(pugi::xml_node node, const Totals& totals) {
    node.append_attribute("tests") = std::to_string(totals.tests).c_str();
    node.append_attribute("failures") = std::to_string(totals.failures).c_str();
    node.append_attribute("errors") = std::to_string(totals.errors).c_str();
  }

  // Skipped tests read as harmless, and labs that were not begun are missing altogether.
  void add_interruption(pugi::xml_node root, const RunResult& run, Totals& totals) {
    LabResult whole_run;
    whole_run.lab = "run";
    Case c;
    c.name = "ends by itself";
    c.status = TestStatus::infrastructure_error;
    c.message = "interrupted";
    add_lab(root, run, whole_run, {c}, totals);
  }

  void add_lab(pugi::xml_node root, const RunResult& run, const LabResult& lab, const std::vector<Case>& cases,
               Totals& all) {
    Totals totals;
    for (const Case& c : cases) {
      count(totals, c.status);
      count(all, c.status);
    }
    pugi::xml_node suite = root.append_child("testsuite");
    suite.append_attribute("name") = one_line(lab.lab, max_name_bytes).c_str();
    add_totals(suite, totals);
    suite.append_attribute("skipped") = std::to_string(totals.skipped).c_str();
    suite.append_attribute("time") = seconds(lab.took).c_str();
    suite.append_attribute("timestamp") = one_line(run.started).c_str();
    add_properties(suite, run, lab);
    for (const Case& c : cases)
      add_case(suite, lab, c);
  }

  static void add_properties(pugi::xml_node suite, const RunResult& run, const LabResult& lab) {
    pugi::xml_node properties = suite.append_child("properties");
    const auto add = [&](const char* name, const std::string& value) {
      if (value.empty()) return;
      pugi::xml_node property = properties.append_child("property");
      property.append_attribute("name") = name;
      property.append_attribute("value") = one_line(value, max_message_bytes).c_str();
    };
    add("labctl", run.tool_version);
    add("title", lab.title);
    std::vector<std::string> releases, flavours;
    for (const KernelIdentity& kernel : lab.kernels) {
      releases.push_back(kernel.release);
      flavours.push_back(kernel.flavour);
    }
    add("kernel", join(releases, ", "));
    add("flavour", join(flavours, ", "));
    add("seed", run.seed);
    add("accelerator", lab.accelerator);
    const Score points = score(lab);
    if (points.possible == 0) return;
    add("points", std::to_string(points.possible));
    add("earned", std::to_string(points.earned));
    if (points.not_judged > 0) add("not_judged", std::to_string(points.not_judged));
  }

  void add_case(pugi::xml_node suite, const LabResult& lab, const Case& c) {
    pugi::xml_node node = suite.append_child("testcase");
    // Jenkins takes what is before the last dot for the package.
    const std::string classname = "labctl." + one_line(lab.lab, max_name_bytes);
    node.append_attribute("classname") = classname.c_str();
    node.append_attribute("name") = unique_name(classname, c.name, lab).c_str();
    node.append_attribute("time") = seconds(c.took).c_str();
    const char* element = element_for(c.status);
    if (element == nullptr) return;
    pugi::xml_node result = node.append_child(element);
    result.append_attribute("type") = std::string(status_name(c.status)).c_str();
    result.append_attribute("message") = c.message.c_str();
    // GitLab shows only the body, Jenkins the message: it is in both.
    result.text() = body(c).c_str();
  }

  // The same lab may run on two kernels, and the same name may stand for two tests after it was cut.
  std::string unique_name(const std::string& classname, std::string name, const LabResult& lab) {
    if (name.empty()) name = "unnamed";
    if (names_.insert({classname, name}).second) return name;
    name += " " + one_line(fmt::format("[{}]", kernels_text(lab)), max_name_bytes);
    std::string unique = name;
    for (int n = 2; !names_.insert({classname, unique}).second; ++n)
      unique = fmt::format("{} ({})", name, n);
    return unique;
  }

  std::string body(const Case& c) {
    const bool message_comes_first = !c.details.empty() && c.details.front().starts_with(c.message);
    std::string text = message_comes_first ? "" : c.message + "\n";
    text = cut(text + join(c.details, "\n"), max_body_bytes);
    if (text.ends_with('\n')) text.pop_back();
    const std::size_t room = max_all_body_bytes - std::min(written_, max_all_body_bytes);
    if (escaped_size(text) > room) text = cut(std::move(text), c.message.size());
    written_ += escaped_size(text);
    return text;
  }

  pugi::xml_document document_;
  std::set<std::pair<std::string, std::string>> names_;
  std::size_t written_ = 0;
};

}  // namespace

std::string junit_report(const RunResult& run) {
  return JunitReport().take(run);
}

}  // namespace labctl
