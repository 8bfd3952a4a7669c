#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "grade_page_parts.hpp"
#include "report/grade_pages.hpp"
#include "support/text.hpp"

namespace labctl {

using json = nlohmann::ordered_json;
using report::html;

namespace {

constexpr const char* style = R"css(
.tiles { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1rem 0; }
.tile { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .6rem 1rem; min-width: 7rem; }
.tile b { display: block; font-size: 1.5rem; font-weight: 650; line-height: 1.25; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 0 2.5rem; }
.bars { display: flex; align-items: flex-end; gap: 3px; height: 8rem; border-bottom: 1px solid var(--line); }
.bars div { flex: 1; background: var(--mark); border-radius: 3px 3px 0 0; position: relative; min-height: 1px; }
.bars div span { position: absolute; bottom: 100%; left: 0; right: 0; text-align: center; font-size: 12px; color: var(--dim); }
.axis { display: flex; justify-content: space-between; font-size: 12px; color: var(--dim); }
button.row { all: unset; cursor: pointer; display: grid; grid-template-columns: 1fr 9rem 5.5rem; gap: .8rem; width: 100%;
             padding: .25rem .4rem; border-radius: 5px; box-sizing: border-box; }
button.row:hover { background: var(--panel); } button.row:focus-visible { outline: 2px solid var(--mark); }
button.row.on { background: color-mix(in srgb, var(--mark) 18%, transparent); }
button.row .meter { align-self: center; height: .55rem; background: var(--line); border-radius: 4px; overflow: hidden; }
button.row .meter i { display: block; height: 100%; background: var(--good); }
button.row .many i { background: var(--bad); }
button.row .number { text-align: right; color: var(--dim); white-space: nowrap; }
.tools { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; margin: .6rem 0; }
input, select { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: 6px;
                padding: .3rem .6rem; }
input { min-width: 16rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
td.wide { white-space: normal; min-width: 16rem; color: var(--dim); }
th { position: sticky; top: 0; background: var(--back); cursor: pointer; user-select: none; font-weight: 600; }
th[aria-sort]::after { content: " ▲"; font-size: .7em; } th[aria-sort=descending]::after { content: " ▼"; }
th.n { max-width: 9rem; overflow: hidden; text-overflow: ellipsis; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.owed { border: 1px solid var(--warn); border-radius: 8px; padding: .6rem 1rem; margin: 1rem 0; }
)css";

// The page's own program: it draws the table, and sorts and filters it. It makes elements and never HTML of texts.
constexpr const char* script = R"js(
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const body = document.querySelector("tbody"), heads = [...document.querySelectorAll("th")];
const find = document.getElementById("find"), state = document.getElementById("state");
const shown = document.getElementById("shown"), clear = document.getElementById("clear");
let test = -1, fault = "", column = 0, down = false;
const cell = (row, text, kind) => { const td = row.insertCell(); td.textContent = text; if (kind) td.className = kind; return td; };
const value = (s, c) => c === 0 ? (s.name || s.id) : c === 1 ? s.id : c === 2 ? s.state :
    c === 3 ? (s.score === null ? -1 : s.score) : c - 4 < data.tests.length ? (s.tests[c - 4] ?? -1) : s.note;
for (const s of data.students) {
  const row = document.createElement("tr");
  const link = document.createElement("a");
  link.href = s.page; link.textContent = s.name || s.id;
  row.insertCell().append(link);
  cell(row, s.id);
  cell(row, s.state, s.state === "passed" ? "good" : s.state === "infrastructure-error" ? "warn" : "bad");
  cell(row, s.score === null ? "" : s.score, "n");
  s.tests.forEach((points, i) => cell(row, points === null ? "" : points, "n " + (points === data.tests[i].points ? "good" : "bad")));
  cell(row, s.note, "wide");
  s.row = row;
  s.text = [s.id, s.name, s.email, s.note, ...s.faults].join("\n").toLowerCase();
}
function draw() {
  const words = find.value.toLowerCase();
  const some = data.students.filter(s => (!words || s.text.includes(words)) && (!state.value || s.state === state.value) &&
      (test < 0 || s.failed.includes(test)) && (!fault || s.faults.includes(fault)));
  some.sort((a, b) => {
    const x = value(a, column), y = value(b, column);
    const order = typeof x === "number" ? x - y : x.localeCompare(y);
    return (down ? -order : order) || a.id.localeCompare(b.id);
  });
  body.replaceChildren(...some.map(s => s.row));
  shown.textContent = some.length + " of " + data.students.length;
  clear.hidden = !words && !state.value && test < 0 && !fault;
  heads.forEach((th, i) => i === column ? th.setAttribute("aria-sort", down ? "descending" : "ascending") : th.removeAttribute("aria-sort"));
  document.querySelectorAll("button[data-test]").forEach(b => b.classList.toggle("on", Number(b.dataset.test) === test));
  document.querySelectorAll("button[data-fault]").forEach(b => b.classList.toggle("on", data.faults[b.dataset.fault] === fault));
}
heads.forEach((th, i) => th.addEventListener("click", () => { down = column === i ? !down : i === 3; column = i; draw(); }));
document.querySelectorAll("button[data-test]").forEach(b => b.addEventListener("click", () => {
  test = Number(b.dataset.test) === test ? -1 : Number(b.dataset.test); draw(); }));
document.querySelectorAll("button[data-fault]").forEach(b => b.addEventListener("click", () => {
  fault = data.faults[b.dataset.fault] === fault ? "" : data.faults[b.dataset.fault]; draw(); }));
find.addEventListener("input", draw); state.addEventListener("change", draw);
clear.addEventListener("click", () => { find.value = ""; state.value = ""; test = -1; fault = ""; draw(); });
draw();
)js";

constexpr std::size_t most_faults = 30;
constexpr int bins = 10;

bool failed(const GradedTest& test) {
  return test.status != TestStatus::passed && test.status != TestStatus::infrastructure_error;
}

std::vector<std::string> faults_of(const GradedStudent& student) {
  std::vector<std::string> faults;
  const auto add = [&faults](const std::string& fault) {
    if (!fault.empty() && std::find(faults.begin(), faults.end(), fault) == faults.end()) faults.push_back(fault);
  };
  if (student.state == GradeState::refused) return {"refused: " + student.message};
  if (student.state == GradeState::build_failed) return {"it does not build"};
  for (const auto& test : student.tests)
    if (failed(test) && test.status != TestStatus::not_run) add(test.diagnosis);
  return faults;
}

class ClassPage {
 public:
  ClassPage(const Grading& grading, const std::vector<GradeRow>& rows, const std::vector<PageLink>& links)
      : grading_(grading), rows_(rows), tests_(grading.tests), links_(links) {
    for (const auto& row : rows)
      for (const auto& fault : faults_of(row.student))
        ++counts_[fault];
    for (const auto& [fault, count] : counts_)
      by_number_.emplace_back(fault, count);
    std::stable_sort(by_number_.begin(), by_number_.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    if (by_number_.size() > most_faults) by_number_.resize(most_faults);
  }

  std::string take() const {
    std::vector<std::string> kernels;
    for (const auto& kernel : grading_.kernels)
      kernels.push_back(fmt::format("Linux {} {}", kernel.release, kernel.flavour));
    std::string text = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width\">\n<title>{} · class</title>\n<style>{}{}</style></head>\n<body>\n"
        "<h1>{}</h1>\n<p class=\"dim\">{} · labctl {} · {}</p>\n",
        html(grading_.title), report::page_style, style, html(grading_.title), html(grading_.lab),
        html(grading_.tool_version), html(join(kernels, ", ")));
    text += tiles() + owed() + "<div class=\"two\"><section>" + distribution() + "</section><section>" + pass_rates() +
            "</section></div>\n" + clusters() + table();
    text += fmt::format("<script type=\"application/json\" id=\"data\">{}</script>\n<script>{}</script>\n", embedded(),
                        script);
    return text + "</body></html>\n";
  }

 private:
  std::vector<int> scores() const {
    std::vector<int> all;
    for (const auto& row : rows_)
      if (row.score.graded) all.push_back(row.score.hundredths);
    std::sort(all.begin(), all.end());
    return all;
  }

  std::string tiles() const {
    const auto all = scores();
    std::map<GradeState, int> states;
    for (const auto& row : rows_)
      ++states[row.student.state];
    long sum = 0;
    for (const int one : all)
      sum += one;
    const auto tile = [](const std::string& number, std::string_view what) {
      return fmt::format("<div class=\"tile\"><b>{}</b>{}</div>\n", number, what);
    };
    std::string text = "<div class=\"tiles\">\n" + tile(std::to_string(rows_.size()), "students");
    if (!all.empty())
      text += tile(hundredths_text(static_cast<int>(sum / static_cast<long>(all.size()))), "mean") +
              tile(hundredths_text(all[all.size() / 2]), "median");
    for (const auto& [state, count] : states)
      text += tile(std::to_string(count), state_name(state));
    return text + "</div>\n";
  }

  std::string owed() const {
    std::vector<std::string> ids;
    for (const auto& row : rows_)
      if (!row.score.graded) ids.push_back(row.student.id);
    if (ids.empty()) return {};
    return fmt::format(
        "<div class=\"owed\"><b>{} not graded</b>, and not for any fault of theirs: {}. <code>labctl grade "
        "--resume</code> "
        "tries again.</div>\n",
        ids.size(), html(join(ids, ", ")));
  }

  std::string distribution() const {
    const auto all = scores();
    const int possible = std::max(1, tests_total() * 100);
    std::vector<int> counts(bins, 0);
    for (const int one : all)
      ++counts[static_cast<std::size_t>(std::clamp(one * bins / possible, 0, bins - 1))];
    const int most = std::max(1, *std::max_element(counts.begin(), counts.end()));
    std::string text = "<h2>Scores</h2>\n<div class=\"bars\" style=\"margin-top:1.6rem\">\n";
    for (const int count : counts)
      text += fmt::format("<div style=\"height:{}%\"><span>{}</span></div>\n", count * 100 / most,
                          count > 0 ? std::to_string(count) : "");
    return text + fmt::format("</div><div class=\"axis\"><span>0</span><span>{}</span></div>\n", tests_total());
  }

  int tests_total() const {
    int total = 0;
    for (const auto& test : tests_)
      total += test.points;
    return total;
  }

  std::string pass_rates() const {
    std::string text = "<h2>Tests <span class=\"dim\">(click: who fails it)</span></h2>\n";
    for (std::size_t i = 0; i < tests_.size(); ++i) {
      int passed = 0, judged = 0;
      for (const auto& row : rows_) {
        if (row.student.state == GradeState::missing || i >= row.student.tests.size()) continue;
        const TestStatus status = row.student.tests[i].status;
        if (status == TestStatus::infrastructure_error) continue;
        ++judged;
        if (status == TestStatus::passed) ++passed;
      }
      const int percent = judged > 0 ? passed * 100 / judged : 0;
      text += fmt::format(
          "<button class=\"row\" data-test=\"{}\"><span>{}</span><span class=\"meter\"><i "
          "style=\"width:{}%\"></i></span><span class=\"number\">{} of {}</span></button>\n",
          i, html(tests_[i].name), percent, passed, judged);
    }
    return text;
  }

  std::string clusters() const {
    if (by_number_.empty()) return {};
    std::string text = "<h2>What went wrong <span class=\"dim\">(click: for whom)</span></h2>\n";
    for (std::size_t i = 0; i < by_number_.size(); ++i)
      text += fmt::format(
          "<button class=\"row\" data-fault=\"{}\"><span>{}</span><span class=\"meter many\"><i "
          "style=\"width:{}%\"></i></span><span class=\"number\">{}</span></button>\n",
          i, html(by_number_[i].first), by_number_[i].second * 100 / by_number_.front().second, by_number_[i].second);
    return text;
  }

  std::string table() const {
    std::string text =
        "<h2>Students</h2>\n<div class=\"tools\"><input id=\"find\" type=\"search\" placeholder=\"name, id or fault\" "
        "aria-label=\"find\"><select id=\"state\" aria-label=\"state\"><option value=\"\">every state</option>";
    std::map<GradeState, int> states;
    for (const auto& row : rows_)
      ++states[row.student.state];
    for (const auto& [state, count] : states)
      text += fmt::format("<option>{}</option>", state_name(state));
    text +=
        "</select><span class=\"dim\" id=\"shown\"></span><button id=\"clear\" hidden>show all</button></div>\n<div "
        "class=\"scroll\"><table><thead><tr><th>student</th><th>id</th><th>state</th><th class=\"n\">score</th>";
    for (const auto& test : tests_)
      text += fmt::format("<th class=\"n\" title=\"{0}\">{0}</th>", html(test.name));
    return text + "<th>note</th></tr></thead><tbody></tbody></table></div>\n";
  }

  std::string embedded() const {
    json students = json::array();
    for (const auto& row : rows_) {
      json points = json::array(), failures = json::array();
      for (std::size_t i = 0; i < tests_.size(); ++i) {
        const GradedTest* test = i < row.student.tests.size() ? &row.student.tests[i] : nullptr;
        const bool judged = test != nullptr && test->status != TestStatus::infrastructure_error;
        points.push_back(judged ? json(test->earned) : json(nullptr));
        if (test != nullptr && failed(*test)) failures.push_back(i);
      }
      const auto link =
          std::find_if(links_.begin(), links_.end(), [&](const PageLink& one) { return one.id == row.student.id; });
      std::string note = printable(row.student.message);
      if (!row.in_roster) note = "not in the roster" + (note.empty() ? "" : "; " + note);
      students.push_back({{"id", printable(row.student.id)},
                          {"name", printable(row.name)},
                          {"email", printable(row.email)},
                          {"state", state_name(row.student.state)},
                          {"score", row.score.graded ? json(row.score.hundredths / 100.0) : json(nullptr)},
                          {"tests", points},
                          {"failed", failures},
                          {"faults", faults_of(row.student)},
                          {"note", note},
                          {"page", link == links_.end() ? "" : link->href}});
    }
    json tests = json::array(), faults = json::array();
    for (const auto& test : tests_)
      tests.push_back({{"name", test.name}, {"points", test.points}});
    for (const auto& [fault, count] : by_number_)
      faults.push_back(fault);
    std::string text = json({{"tests", tests}, {"faults", faults}, {"students", students}})
                           .dump(-1, ' ', false, json::error_handler_t::replace);
    // Nothing in it may end the script element.
    replace_all(text, "<", "\\u003c");
    return text;
  }

  const Grading& grading_;
  const std::vector<GradeRow>& rows_;
  const std::vector<GradedTest>& tests_;
  const std::vector<PageLink>& links_;
  std::map<std::string, int> counts_;
  std::vector<std::pair<std::string, int>> by_number_;
};

}  // namespace

std::string class_page(const Grading& grading, const std::vector<GradeRow>& rows, const std::vector<PageLink>& links) {
  return ClassPage(grading, rows, links).take();
}

}  // namespace labctl
