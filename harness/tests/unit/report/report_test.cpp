// Properties that hold for every run; how reports look is in the golden files.
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <set>

#include "report/report.hpp"
#include "samples.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string without_sgr(std::string text) {
  for (auto at = text.find("\033["); at != std::string::npos; at = text.find("\033[")) {
    text.erase(at, text.find('m', at) + 1 - at);
  }
  return text;
}

std::vector<std::string> in_every_format(const RunResult& run) {
  return {text_report(run, {}), text_report(run, {.verbose = true}), junit_report(run), ktap_report(run),
          json_report(run)};
}

pugi::xml_document parsed(const std::string& xml) {
  pugi::xml_document document;
  const auto result = document.load_buffer(xml.data(), xml.size());
  EXPECT_TRUE(result) << result.description();
  return document;
}

TEST(AnyReport, holds_no_control_characters_whatever_the_guest_printed) {
  for (const std::string& text : in_every_format(samples::hostile_text())) {
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      ASSERT_TRUE((byte >= 0x20 && byte != 0x7F) || c == '\n' || c == '\t') << "byte " << int{byte} << " in\n" << text;
    }
    EXPECT_EQ(printable(text), text) << "not valid UTF-8, or C1 controls";
  }
}

TEST(AnyReport, of_a_large_run_stays_small) {
  RunResult run = samples::build_failure();
  std::string& output = run.labs[0].builds[0].output;
  output.clear();
  for (int i = 0; i < 1000; ++i)
    output += std::string(1000, '&') + "\n";
  run.labs[0].tests.assign(300, run.labs[0].tests[0]);
  EXPECT_LT(junit_report(run).size(), 30'000'000u);
  EXPECT_LT(ktap_report(run).size(), 10'000'000u);
  EXPECT_LT(text_report(run, {}).size(), 1'000'000u);
}

TEST(TextReport, explains_reports_in_short_lines_and_says_nothing_twice) {
  RunResult run = samples::crash();
  std::vector<KernelReport>& reports = run.labs[0].tests[1].reports;
  reports.push_back(reports[1]);
  const std::string text = text_report(run, {});
  EXPECT_THAT(text, Not(HasSubstr("A WARN() was reached."))) << "that report is what the test is about";
  const auto at = text.find("The kernel tried to write through a NULL pointer.");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(text.find("The kernel tried to write through a NULL pointer.", at + 1), std::string::npos);
  for (const auto line : split_lines(text))
    EXPECT_LE(line.size(), 120U) << line;
}

TEST(TextReport, keeps_explanations_of_hidden_tests) {
  RunResult run = samples::crash();
  run.labs[0].tests[1].hidden = true;
  EXPECT_THAT(text_report(run, {}), Not(HasSubstr("NULL pointer. Usually")));
  EXPECT_THAT(junit_report(run), Not(HasSubstr("NULL pointer. Usually")));
  EXPECT_THAT(ktap_report(run), Not(HasSubstr("NULL pointer. Usually")));
}

TEST(TextReport, with_colour_differs_in_colour_only) {
  for (const samples::Sample& sample : samples::all()) {
    for (const bool verbose : {false, true}) {
      const std::string plain = text_report(sample.run, {.color = false, .verbose = verbose});
      const std::string coloured = text_report(sample.run, {.color = true, .verbose = verbose});
      EXPECT_EQ(without_sgr(coloured), plain) << sample.name;
      EXPECT_THAT(plain, Not(HasSubstr("\033"))) << sample.name;
    }
  }
  EXPECT_THAT(text_report(samples::all_passed(), {.color = true}), HasSubstr("\033[32m"));
}

TEST(TextReport, of_a_lab_that_passed_is_short) {
  const std::string text = text_report(samples::all_passed(), {});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
}

TEST(TextReport, shows_compiler_messages_at_the_start_of_their_lines) {
  EXPECT_THAT(text_report(samples::build_failure(), {}),
              HasSubstr("\nmy-modparams/modparams.c:31:9: error: implicit declaration"));
}

TEST(TextReport, shows_warnings_of_a_module_that_built) {
  RunResult run = samples::all_passed();
  run.labs[0].builds[0].output = "modparams.c:3:1: note: something\n";
  EXPECT_THAT(text_report(run, {}), Not(HasSubstr("modparams.c:3:1")));
  run.labs[0].builds[0].output = "modparams.c:3:1: warning: unused variable\n";
  EXPECT_THAT(text_report(run, {}), HasSubstr("modparams built with warnings  cached\n\nmodparams.c:3:1: warning: "));
}

TEST(TextReport, does_not_score_a_fault_of_the_harness) {
  EXPECT_THAT(text_report(samples::infrastructure_error(), {}), HasSubstr("2 of 5 points (3 not judged)"));
}

TEST(TextReport, tells_a_part_of_the_points_and_hides_the_steps_of_a_hidden_test) {
  RunResult run = samples::partial_credit();
  EXPECT_THAT(text_report(run, {}),
              AllOf(HasSubstr("1 of 6 points"), HasSubstr("0 of 2 points"), HasSubstr(", 4 of 14 points")));
  run.labs[0].tests.erase(run.labs[0].tests.begin() + 1);
  EXPECT_THAT(text_report(run, {}), AllOf(HasSubstr("1 of 6 points"), Not(HasSubstr("0 of 2 points"))));
  for (const std::string& text : {text_report(run, {}), ktap_report(run), junit_report(run)})
    EXPECT_THAT(text, Not(HasSubstr("/proc/modparams")));
  run.labs[0].tests[1].status = TestStatus::timeout;
  EXPECT_THAT(text_report(run, {}), AllOf(HasSubstr("a step did not end"), Not(HasSubstr("/proc/modparams"))));
  EXPECT_THAT(text_report(run, {.verbose = true}), HasSubstr("/proc/modparams"));
}

TEST(TextReport, has_no_cross_for_a_module_that_is_meant_not_to_build) {
  RunResult run = samples::partial_credit();
  run.labs[0].tests.resize(1);
  EXPECT_THAT(text_report(run, {}), AllOf(HasSubstr("floating does not build, as a test expects"), Not(HasSubstr("✗")),
                                          Not(HasSubstr("pr_inf"))));
  EXPECT_THAT(ktap_report(run), Not(HasSubstr("build-failed")));
  run.labs[0].builds[1].meant_to_fail = false;
  EXPECT_THAT(text_report(run, {}), AllOf(HasSubstr("✗"), HasSubstr("pr_inf"))) << "the control";
}

TEST(TextReport, of_an_infrastructure_error_gives_no_hint_on_the_module) {
  const std::string text = text_report(samples::infrastructure_error(), {});
  EXPECT_THAT(text, HasSubstr("labctl could not judge this: QEMU was killed by signal 9"));
  EXPECT_THAT(text, Not(HasSubstr("module_param()")));
}

TEST(TextReport, leaves_out_a_console_that_repeats_the_kernel_log) {
  RunResult run = samples::crash();
  TestResult& test = run.labs[0].tests[1];
  EXPECT_THAT(text_report(run, {}), HasSubstr("last lines of the console"));
  test.console_tail = test.log_excerpt[0] + "\r\n" + test.log_excerpt[1] + "\r\n";
  EXPECT_THAT(text_report(run, {}), Not(HasSubstr("last lines of the console")));
}

TEST(TextReport, marks_the_first_line_that_differs) {
  RunResult run = samples::failed_expectation();
  run.labs[0].tests[2].steps[1].checks[0] = {false, "the text equals \"...\"", "one\ntwo\nthree", "one\n2\n3"};
  const std::string text = text_report(run, {});
  EXPECT_THAT(text, HasSubstr("> two\n"));
  EXPECT_THAT(text, HasSubstr("> 2\n"));
  EXPECT_THAT(text, Not(HasSubstr("> three")));
  EXPECT_THAT(text, Not(HasSubstr("> one")));
}

TEST(TextReport, marks_nothing_where_texts_need_not_be_equal) {
  RunResult run = samples::failed_expectation();
  run.labs[0].tests[2].steps[1].checks[0] = {false, "the text contains \"x\"", "text with \"x\"", "2 lines\none\ntwo"};
  EXPECT_THAT(text_report(run, {}), Not(HasSubstr("> ")));
}

TEST(TextReport, cuts_a_console_that_never_ends_to_its_last_lines) {
  RunResult run = samples::timeout();
  std::string& console = run.labs[0].tests[0].console_tail;
  console.clear();
  for (int i = 0; i < 1000; ++i)
    console += "spinning " + std::to_string(i) + "\r\n";
  const std::string text = text_report(run, {});
  EXPECT_THAT(text, HasSubstr("spinning 999\n"));
  EXPECT_THAT(text, Not(HasSubstr("spinning 900\n")));
  EXPECT_THAT(text, HasSubstr("... 985 lines before"));
}

TEST(JunitReport, gives_each_status_its_element) {
  const struct {
    TestStatus status;
    const char* element;
  } cases[] = {{TestStatus::passed, nullptr},         {TestStatus::failed, "failure"},
               {TestStatus::build_failed, "failure"}, {TestStatus::timeout, "failure"},
               {TestStatus::crashed, "failure"},      {TestStatus::tampered, "failure"},
               {TestStatus::not_run, "skipped"},      {TestStatus::infrastructure_error, "error"}};
  for (const auto& [status, element] : cases) {
    RunResult run = samples::all_passed();
    run.labs[0].tests = {samples::ended_test(status, "a test", "a reason", 1)};
    const auto document = parsed(junit_report(run));
    const pugi::xml_node node = document.child("testsuites").child("testsuite").child("testcase");
    const pugi::xml_node result = node.first_child();
    ASSERT_STREQ(result.name(), element == nullptr ? "" : element);
    if (element == nullptr) continue;
    EXPECT_EQ(result.attribute("type").value(), status_name(status));
    EXPECT_STREQ(result.attribute("message").value(), "a reason");
    EXPECT_THAT(result.text().get(), HasSubstr("a reason"));
  }
}

TEST(JunitReport, has_an_error_for_a_lab_that_could_not_be_judged) {
  RunResult run = samples::infrastructure_error();
  run.labs.resize(1);
  auto count = [](const RunResult& r, const char* attribute) {
    return parsed(junit_report(r)).child("testsuites").attribute(attribute).as_int();
  };
  EXPECT_EQ(count(run, "tests"), 1);
  EXPECT_EQ(count(run, "errors"), 1);
  // Tests that were only skipped must not hide it.
  run.labs[0].tests = {samples::ended_test(TestStatus::not_run, "a test", "", 1)};
  EXPECT_EQ(count(run, "tests"), 2);
  EXPECT_EQ(count(run, "errors"), 1);
}

TEST(AnyReport, of_an_interrupted_run_has_an_error_even_if_all_that_was_run_passed) {
  RunResult run = samples::all_passed();
  run.interrupted = true;
  const auto document = parsed(junit_report(run));
  EXPECT_EQ(document.child("testsuites").attribute("errors").as_int(), 1);
  EXPECT_THAT(ktap_report(run), HasSubstr("\nnot ok 2 labctl # ERROR interrupted\n"));
}

TEST(JunitReport, has_an_error_where_a_test_was_not_run_for_no_fault_of_the_module) {
  RunResult run = samples::interrupted();
  run.interrupted = false;
  const auto document = parsed(junit_report(run));
  EXPECT_EQ(document.child("testsuites").attribute("errors").as_int(), 1);
  EXPECT_THAT(junit_report(run), HasSubstr("not every test was run"));
}

TEST(JunitReport, gives_every_case_a_name_of_its_own) {
  RunResult run = samples::hostile_text();
  run.labs.push_back(run.labs[0]);
  std::set<std::string> keys;
  std::size_t cases = 0;
  const auto document = parsed(junit_report(run));
  for (const auto& found : document.select_nodes("//testcase")) {
    ++cases;
    keys.insert(std::string(found.node().attribute("classname").value()) + "/" +
                found.node().attribute("name").value());
  }
  EXPECT_EQ(cases, 10u);
  EXPECT_EQ(keys.size(), cases);
}

TEST(JunitReport, names_no_attachments) {
  EXPECT_THAT(junit_report(samples::hostile_text()), Not(HasSubstr("<system-out")));
}

TEST(KtapReport, lets_no_text_pass_for_a_result_or_a_directive) {
  const std::string text = ktap_report(samples::hostile_text());
  std::size_t results = 0;
  for (const std::string_view line : split_lines(text)) {
    const std::string_view body = line.substr(std::min(line.find_first_not_of(' '), line.size()));
    EXPECT_FALSE(body.starts_with("# Subtest")) << line;
    EXPECT_EQ(line.find("reboot: System halted"), std::string_view::npos) << line;
    if (!body.starts_with("ok ") && !body.starts_with("not ok ")) continue;
    ++results;
    EXPECT_EQ(line.find("# SKIP"), std::string_view::npos) << line;
    EXPECT_LE(std::count(line.begin(), line.end(), '#'), 1) << line;
  }
  EXPECT_EQ(results, 6u);  // five tests and their lab
}

TEST(KtapReport, says_timeout_error_and_skip) {
  EXPECT_THAT(ktap_report(samples::timeout()),
              HasSubstr("\n  not ok 1 stops at unload # TIMEOUT unload modparams did not end within 10.00 s\n"));
  EXPECT_THAT(ktap_report(samples::infrastructure_error()), HasSubstr("\nnot ok 1 hello-lkm # ERROR cannot find qemu"));
  EXPECT_THAT(ktap_report(samples::interrupted()),
              HasSubstr("\n  ok 2 takes values of every type # SKIP interrupted\n"));
  EXPECT_THAT(ktap_report(samples::interrupted()), HasSubstr("\nnot ok 1 modparams # ERROR interrupted\n"));
}

TEST(JsonReport, gives_back_what_it_was_given) {
  const auto json = nlohmann::json::parse(json_report(samples::failed_expectation()));
  EXPECT_EQ(json.at("schema_version"), 1);
  const auto& lab = json.at("labs").at(0);
  EXPECT_EQ(lab.at("took_ms"), 1240);
  EXPECT_EQ(lab.at("kernel").at("release"), "5.4.302");
  EXPECT_EQ(lab.at("passed"), false);
  const auto& test = lab.at("tests").at(1);
  EXPECT_EQ(test.at("status"), "failed");
  EXPECT_EQ(test.at("points"), 3);
  EXPECT_EQ(test.at("steps").at(1).at("checks").at(0).at("seen"), "success");
  EXPECT_EQ(test.at("steps").at(1).at("took_ms"), 2);
  EXPECT_EQ(test.at("steps").at(1).at("where").at("line"), 52);
}

TEST(JsonReport, replaces_bytes_that_are_not_utf8) {
  const auto json = nlohmann::json::parse(json_report(samples::hostile_text()));
  EXPECT_THAT(json.at("labs").at(0).at("tests").at(0).at("message").get<std::string>(), HasSubstr("\xEF\xBF\xBD"));
}

// A test that its module failed with an allocation failing.
RunResult failing_allocation() {
  RunResult run = samples::several_runs();
  TestResult& test = run.labs.at(0).tests.at(1);
  test.note = "failed 2 of 7 runs with a failing allocation";
  test.message = "with allocation 3 of 7 of modparams's init failing (kmalloc at a.c:4: `p = kmalloc(8);`): step 1";
  test.run.failed_allocation = FailedAllocation{"modparams", 3, 7, "kmalloc at a.c:4: `p = kmalloc(8);`"};
  test.runs.back().run.failed_allocation = test.run.failed_allocation;
  return run;
}

TEST(TextReport, says_which_allocation_failed) {
  const std::string text = text_report(failing_allocation(), {false, false});
  EXPECT_THAT(text,
              HasSubstr("failed 2 of 7 runs with a failing allocation: with allocation 3 of 7 of modparams's init "
                        "failing (kmalloc at a.c:4: `p = kmalloc(8);`): step 1\n"));
  EXPECT_THAT(text, HasSubstr("these runs again  --seed "));
}

TEST(TextReport, says_what_failed_although_the_test_passed) {
  RunResult run = samples::all_passed();
  run.labs.at(0).tests.at(0).note = "passed 7 runs with a failing allocation";
  EXPECT_THAT(text_report(run, {false, false}), HasSubstr("      passed 7 runs with a failing allocation\n"));
  EXPECT_THAT(ktap_report(run), HasSubstr("  # passed 7 runs with a failing allocation\n  "));
  EXPECT_THAT(junit_report(run), Not(HasSubstr("failing")));
}

TEST(JsonReport, has_the_failing_allocation_of_the_test_and_of_its_runs) {
  const auto test = nlohmann::json::parse(json_report(failing_allocation())).at("labs").at(0).at("tests").at(1);
  const nlohmann::json failed = {
      {"module", "modparams"}, {"number", 3}, {"of", 7}, {"place", "kmalloc at a.c:4: `p = kmalloc(8);`"}};
  EXPECT_EQ(test.at("failed_allocation"), failed);
  EXPECT_EQ(test.at("runs").back().at("failed_allocation"), failed);
  EXPECT_EQ(test.at("runs").front().at("failed_allocation"), nullptr);
}

}  // namespace
}  // namespace labctl
