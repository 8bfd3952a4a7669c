#include "grade/identity.hpp"

#include <algorithm>
#include <functional>

#include "support/sha256.hpp"
#include "support/text.hpp"

namespace labctl {

namespace {

// Whether something else begins on a line, as the next key of the spec.
bool ends_the_list(std::string_view line) {
  return !line.empty() && std::string_view(" \t#-\r").find(line.front()) == std::string_view::npos;
}

}  // namespace

std::vector<std::string> test_texts(const Lab& lab) {
  const auto lines = split_lines(lab.text);
  std::vector<std::size_t> starts;  // of each test, counted from 0
  for (const auto& test : lab.tests)
    starts.push_back(test.where.line > 0 ? static_cast<std::size_t>(test.where.line - 1) : lines.size());
  const bool in_order = std::is_sorted(starts.begin(), starts.end(), std::less_equal<>()) && !starts.empty() &&
                        starts.back() < lines.size();
  const bool last =
      in_order && std::none_of(lines.begin() + static_cast<std::ptrdiff_t>(starts.front()), lines.end(), ends_the_list);
  const bool alone =
      std::all_of(lab.tests.begin(), lab.tests.end(), [](const Test& test) { return test.needs.empty(); });
  if (!last || !alone) return std::vector<std::string>(lab.tests.size(), lab.text);
  const auto text_of = [&lines](std::size_t begin, std::size_t end) {
    std::string text;
    for (std::size_t i = begin; i < end; ++i)
      text += std::string(lines[i]) + "\n";
    return text;
  };
  const std::string common = text_of(0, starts.front());
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < starts.size(); ++i)
    texts.push_back(common + text_of(starts[i], i + 1 < starts.size() ? starts[i + 1] : lines.size()));
  return texts;
}

// What must be the same for results of one grading to stand beside each other.
std::string what_differs(const Grading& a, const Grading& b) {
  if (a.lab != b.lab) return "it is of the lab " + a.lab;
  if (a.spec != b.spec) return "the lab has changed since";
  if (a.seed != b.seed) return "it has another seed";
  if (a.flavour != b.flavour) return "it has another flavour";
  if (a.tool != b.tool) return "another labctl made it";
  const auto keys = [](const Grading& grading) {
    std::vector<std::string> all;
    for (const auto& kernel : grading.kernels)
      all.push_back(kernel.key);
    return all;
  };
  return keys(a) == keys(b) ? "" : "it was done with another kernel";
}

std::string common_digest(const Grading& grading) {
  Sha256 sum;
  sum.field(grading.tool).field(grading.lab).field(grading.spec).field(grading.seed).field(grading.flavour);
  for (const auto& kernel : grading.kernels)
    sum.field(kernel.key);
  return sum.hex();
}

std::vector<std::string> test_keys(const Lab& lab, const Grading& grading, const std::string& files) {
  std::vector<std::string> keys;
  for (const auto& text : test_texts(lab)) {
    Sha256 sum;
    sum.field("test 1").field(grading.tool).field(lab.id).field(grading.seed).field(grading.flavour).field(files);
    for (const auto& kernel : grading.kernels)
      sum.field(kernel.key);
    keys.push_back(sum.field(text).hex());
  }
  return keys;
}

}  // namespace labctl
