// Values from a seed, what a step's output gives, and steps with values in them.
#include "values/values.hpp"

#include <gmock/gmock.h>

#include <set>
#include <sstream>

namespace labctl {
namespace {

using testing::HasSubstr;
using Kind = ValueSpec::Kind;

ValueSpec integers(std::size_t count, std::int64_t min, std::int64_t max, bool distinct = false) {
  ValueSpec spec;
  spec.name = "v";
  spec.kind = Kind::integers;
  spec.count = count;
  spec.min = min;
  spec.max = max;
  spec.distinct = distinct;
  return spec;
}

std::vector<std::int64_t> numbers(const std::string& list) {
  std::vector<std::int64_t> all;
  std::istringstream in(list);
  for (std::string item; std::getline(in, item, ',');)
    all.push_back(whole_number(item).value());
  return all;
}

std::string made(const ValueSpec& spec, const std::string& seed) {
  return make_values({spec}, seed).at(spec.name);
}

TEST(MakeValues, gives_the_same_for_the_same_seed) {
  const auto spec = integers(50, 0, 1'000'000);
  EXPECT_EQ(made(spec, "one"), made(spec, "one"));
  EXPECT_NE(made(spec, "one"), made(spec, "two"));
  auto other = spec;
  other.name = "w";
  EXPECT_NE(made(spec, "one"), made(other, "one"));
}

// A value of a report can be made again, by a later labctl and on another host.
TEST(MakeValues, gives_what_it_always_gave) {
  EXPECT_EQ(made(integers(3, 1, 100), "seed"), "80,3,87");
}

TEST(MakeValues, keeps_to_the_range) {
  std::set<std::int64_t> seen;
  for (const auto number : numbers(made(integers(2000, -3, 3), "seed"))) {
    EXPECT_GE(number, -3);
    EXPECT_LE(number, 3);
    seen.insert(number);
  }
  EXPECT_EQ(seen.size(), 7U) << "every number has its turn";
  for (const auto number : numbers(made(integers(20, 5, 5), "seed")))
    EXPECT_EQ(number, 5);
  EXPECT_EQ(numbers(made(integers(20, INT64_MIN, INT64_MAX), "seed")).size(), 20U);
}

TEST(MakeValues, gives_distinct_ones) {
  const auto list = numbers(made(integers(500, 1, 1000, true), "seed"));
  EXPECT_EQ(std::set<std::int64_t>(list.begin(), list.end()).size(), 500U);
}

TEST(MakeValues, of_the_other_kinds) {
  ValueSpec spec;
  spec.name = "v";
  spec.constant = "as it is";
  EXPECT_EQ(made(spec, "seed"), "as it is");
  spec.kind = Kind::letters;
  spec.count = 500;
  EXPECT_EQ(made(spec, "seed").size(), 500U);
  EXPECT_EQ(made(spec, "seed").find_first_not_of("abcdefghijklmnopqrstuvwxyz"), std::string::npos);
  spec.kind = Kind::bytes;
  const std::string bytes = made(spec, "seed");
  EXPECT_EQ(bytes.size(), 500U);
  EXPECT_GT(std::set<char>(bytes.begin(), bytes.end()).size(), 100U);
  spec.kind = Kind::one_of;
  spec.choices = {"a", "b", "c"};
  std::set<std::string> chosen;
  for (int i = 0; i < 100; ++i)
    chosen.insert(made(spec, std::to_string(i)));
  EXPECT_EQ(chosen, (std::set<std::string>{"a", "b", "c"}));
}

TEST(SavedValue, is_the_text_or_what_the_group_matches) {
  EXPECT_EQ(saved_value({"n", ""}, "12\n"), "12");
  EXPECT_EQ(saved_value({"n", ""}, "12\n\n"), "12\n");
  EXPECT_EQ(saved_value({"n", "minor (\\d+)"}, "major 10\nminor 57\n"), "57");
  EXPECT_EQ(saved_value({"n", "minor (\\d+)"}, "major 10\n"), std::nullopt);
  EXPECT_EQ(saved_value({"n", "x(y?)"}, "x"), "");
}

TEST(Resolve, puts_values_into_every_text) {
  ReadStep read;
  read.file = "/proc/${name}";
  read.bytes = "${n}";
  read.at = "${n * 2}";
  read.expect.equals = "${name}";
  read.expect.includes = {"${name}"};
  read.expect.missing = "${n}";
  read.expect.numbers.push_back({"${name} (\\d+)", "${n}", {}, {}, {}, ""});
  TableCheck table;
  table.row = {{"name", "${name}"}};
  table.cells.push_back({"size", {}});
  table.cells[0].is.equals = "${n + 1}";
  read.expect.tables.push_back(table);
  read.expect.json = {{"/a", "${n}"}};
  Step step;
  step.action = read;
  step.save = {{"x", "${name} (\\d+)"}};
  const auto resolved = resolve(step, {{"name", "mod"}, {"n", "4"}});
  ASSERT_TRUE(resolved) << resolved.error().message;
  const auto& done = std::get<ReadStep>(resolved->action);
  EXPECT_EQ(done.file, "/proc/mod");
  EXPECT_EQ(done.bytes, "4");
  EXPECT_EQ(done.at, "8");
  EXPECT_EQ(done.expect.equals, "mod");
  EXPECT_EQ(done.expect.includes, std::vector<std::string>{"mod"});
  EXPECT_EQ(done.expect.missing, "4");
  EXPECT_EQ(done.expect.numbers[0].of, "mod (\\d+)");
  EXPECT_EQ(done.expect.numbers[0].equals, "4");
  EXPECT_EQ(done.expect.tables[0].row[0].second, "mod");
  EXPECT_EQ(done.expect.tables[0].cells[0].is.equals, "5");
  EXPECT_EQ(done.expect.json[0].second, "4");
  EXPECT_EQ(resolved->save[0].pattern, "mod (\\d+)");
}

TEST(Resolve, makes_a_line_of_each_line_of_a_value) {
  ListStep list;
  list.expect.unordered = {"${lines(all)}", "last"};
  Step step;
  step.action = list;
  const auto resolved = resolve(step, {{"all", "1,2"}});
  ASSERT_TRUE(resolved);
  EXPECT_EQ(std::get<ListStep>(resolved->action).expect.unordered, (std::vector<std::string>{"1", "2", "last"}));
}

TEST(Resolve, says_what_cannot_stand_for_a_number) {
  SeekStep seek;
  seek.name = "x";
  seek.to = "${word}";
  Step step;
  step.action = seek;
  const auto resolved = resolve(step, {{"word", "end"}});
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().fault, Fault::module);
  EXPECT_THAT(resolved.error().message, HasSubstr("\"end\" stands where a whole number is needed"));
}

}  // namespace
}  // namespace labctl
