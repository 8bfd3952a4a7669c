// The class page in a browser: what its own program draws, sorts and filters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "process/process.hpp"
#include "report/grade_pages.hpp"
#include "support/text.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

using nlohmann::json;
using testing::ElementsAre;

// Of `count` students: each third fails "reads" and each fifth "writes", which is worth more.
struct SomeClass {
  explicit SomeClass(int count) {
    grading.lab = "lab";
    grading.title = "A lab";
    grading.tests = {{"reads", TestStatus::not_run, 3, 0, false, "", "", "", ""},
                     {"writes", TestStatus::not_run, 7, 0, false, "", "", "", ""}};
    for (int i = 0; i < count; ++i) {
      GradeRow row;
      row.student.id = fmt::format("s{:04}", i);
      row.name = i == 7 ? "Ada Lovelace" : fmt::format("Student {:04}", count - i);
      row.student.tests = grading.tests;
      const bool fails[] = {i % 3 == 0, i % 5 == 0};
      for (std::size_t k = 0; k < 2; ++k) {
        GradedTest& test = row.student.tests[k];
        test.status = fails[k] ? TestStatus::failed : TestStatus::passed;
        test.earned = fails[k] ? 0 : test.points;
        if (fails[k]) test.diagnosis = k == 0 ? "a null pointer in lab_read()" : "memory that was never freed";
        row.score.hundredths += test.earned * 100;
      }
      row.student.state = fails[0] || fails[1] ? GradeState::failed : GradeState::passed;
      row.score.possible = 10;
      row.score.graded = true;
      rows.push_back(std::move(row));
    }
  }
  Grading grading;
  std::vector<GradeRow> rows;
};

// Opens the page, does `steps` (JavaScript, which fills `seen`) and gives what was seen.
json in_browser(const SomeClass& some, const std::string& steps) {
  const test::TemporaryFolder folder;
  std::string page = class_page(some.grading, some.rows, {});
  const std::string driver = fmt::format(R"js(<script>
(() => {{
  const seen = {{}};
  const ids = () => [...document.querySelectorAll("tbody tr")].map(row => row.cells[1].textContent);
  const click = what => document.querySelector(what).click();
  const type = text => {{ find.value = text; find.dispatchEvent(new Event("input")); }};
  {}
  const result = document.createElement("pre");
  result.id = "result";
  result.textContent = btoa(JSON.stringify(seen));
  document.body.append(result);
}})();
</script></body>)js",
                                         steps);
  replace_all(page, "</body>", driver);
  std::ofstream(folder.path() / "class.html") << page;
  ProcessSpec spec;
  spec.argv = {"chromium",
               "--headless=new",
               "--no-sandbox",
               "--disable-gpu",
               "--user-data-dir=" + (folder.path() / "profile").string(),
               "--dump-dom",
               "file://" + (folder.path() / "class.html").string()};
  spec.environment = {{"HOME", folder.path().string()}};
  const auto outcome = run_process(spec, {std::chrono::seconds(100), 64 << 20}, {});
  if (!outcome) throw std::runtime_error(outcome.error().message);
  const std::string& dom = outcome->standard_output;
  const std::string mark = "<pre id=\"result\">";
  const auto begin = dom.find(mark);
  if (begin == std::string::npos) throw std::runtime_error("the page did nothing: " + outcome->standard_error);
  const auto encoded = dom.substr(begin + mark.size(), dom.find('<', begin + 1) - begin - mark.size());
  std::string text;
  unsigned bits = 0, have = 0;
  for (const char c : encoded) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto value = letters.find(c);
    if (value == std::string_view::npos) break;
    bits = bits << 6U | static_cast<unsigned>(value);
    have += 6;
    if (have >= 8) text += static_cast<char>(bits >> (have -= 8) & 0xffU);
  }
  return json::parse(text);
}

class ClassPageInABrowser : public testing::Test {
 protected:
  void SetUp() override {
    if (!find_program("chromium")) GTEST_SKIP() << "there is no chromium: apt-get install chromium";
  }
};

TEST_F(ClassPageInABrowser, ShowsSortsAndFilters) {
  const json seen = in_browser(SomeClass(30), R"js(
    seen.first = ids().slice(0, 2);
    click("th:nth-child(2)"); seen.by_id = ids().slice(0, 3);
    click("th:nth-child(2)"); seen.by_id_down = ids().slice(0, 3);
    click("th:nth-child(4)"); seen.best = ids().slice(0, 2);
    click("th:nth-child(4)"); seen.worst = ids().slice(0, 3);
    seen.arrow = heads[3].getAttribute("aria-sort");
    click("button[data-test='0']"); seen.fail_reads = shown.textContent;
    click("button[data-test='1']"); seen.fail_writes = [shown.textContent, ...ids()];
    type("s0005"); seen.of_them = ids();
    click("#clear"); seen.cleared = [shown.textContent, find.value, clear.hidden];
    type("lovelace"); seen.found = ids(); type("");
    state.value = "passed"; state.dispatchEvent(new Event("change")); seen.passed = shown.textContent;
    click("#clear");
    click("button[data-fault='0']"); seen.of_fault = shown.textContent;
    click("button[data-fault='0']"); seen.of_none = shown.textContent;
  )js");
  EXPECT_THAT(seen["first"], ElementsAre("s0007", "s0029")) << "by name";
  EXPECT_THAT(seen["by_id"], ElementsAre("s0000", "s0001", "s0002"));
  EXPECT_THAT(seen["by_id_down"], ElementsAre("s0029", "s0028", "s0027"));
  EXPECT_THAT(seen["best"], ElementsAre("s0001", "s0002"));
  EXPECT_THAT(seen["worst"], ElementsAre("s0000", "s0015", "s0005")) << "nothing, nothing, then 3 points";
  EXPECT_EQ(seen["arrow"], "ascending");
  EXPECT_EQ(seen["fail_reads"], "10 of 30");
  EXPECT_THAT(seen["fail_writes"], ElementsAre("6 of 30", "s0000", "s0015", "s0005", "s0010", "s0020", "s0025"));
  EXPECT_THAT(seen["of_them"], ElementsAre("s0005"));
  EXPECT_THAT(seen["cleared"], ElementsAre("30 of 30", "", true));
  EXPECT_THAT(seen["found"], ElementsAre("s0007"));
  EXPECT_EQ(seen["passed"], "16 of 30");
  EXPECT_EQ(seen["of_fault"], "10 of 30") << "the fault that most have comes first";
  EXPECT_EQ(seen["of_none"], "30 of 30");
}

TEST_F(ClassPageInABrowser, HoldsAThousandStudents) {
  const json seen = in_browser(SomeClass(1000), R"js(
    seen.all = [shown.textContent, ids().length];
    click("button[data-test='1']"); seen.some = [shown.textContent, ids().length];
  )js");
  EXPECT_THAT(seen["all"], ElementsAre("1000 of 1000", 1000));
  EXPECT_THAT(seen["some"], ElementsAre("200 of 1000", 200));
}

}  // namespace
}  // namespace labctl
