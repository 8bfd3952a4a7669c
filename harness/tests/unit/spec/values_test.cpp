// Values of a lab and its tests: what is taken, where they are known, and what is wrong with them.
#include <gmock/gmock.h>

#include <algorithm>

#include "making.hpp"

namespace labctl {
namespace {

using making::listing;
using making::read;
using making::with_steps;
using testing::HasSubstr;
using Kind = ValueSpec::Kind;

LabReading with_values(const std::string& values, const std::string& steps = "  - load: mod") {
  return read("values: " + values + "\n" + with_steps(steps));
}

TEST(SeededValues, of_every_kind) {
  const auto reading = with_values(
      "{a: 007, b: {integer: [-5, 0x10]}, c: {integers: {count: 3, range: [1, 9], distinct: true}}, d: {letters: 8}, "
      "e: {bytes: 16}, f: {one_of: [x, y]}}");
  ASSERT_EQ(listing(reading), "");
  const auto& values = reading.lab.tests.at(0).values;
  ASSERT_EQ(values.size(), 6U);
  EXPECT_EQ(values[0].kind, Kind::constant);
  EXPECT_EQ(values[0].constant, "007");
  EXPECT_EQ(values[1].kind, Kind::integer);
  EXPECT_EQ(values[1].min, -5);
  EXPECT_EQ(values[1].max, 16);
  EXPECT_EQ(values[2].kind, Kind::integers);
  EXPECT_EQ(values[2].count, 3U);
  EXPECT_TRUE(values[2].distinct);
  EXPECT_EQ(values[3].count, 8U);
  EXPECT_EQ(values[4].kind, Kind::bytes);
  EXPECT_EQ(values[5].choices, (std::vector<std::string>{"x", "y"}));
}

TEST(SeededValues, of_a_test_come_after_those_of_the_lab) {
  const auto reading = read(
      "lab: small\nmodules: [{name: mod}]\nvalues: {a: 1}\ntests:\n- name: one\n  values: {b: 2}\n"
      "  steps: [{write: /x, text: \"${a}${b}\"}]\n- name: two\n  steps: [{write: /x, text: \"${a}\"}]\n");
  ASSERT_EQ(listing(reading), "");
  EXPECT_EQ(reading.lab.tests[0].values.size(), 2U);
  EXPECT_EQ(reading.lab.tests[0].values[1].name, "b");
  EXPECT_EQ(reading.lab.tests[1].values.size(), 1U);
}

TEST(SeededValues, of_a_test_are_not_those_of_the_next) {
  const auto reading = read(
      "lab: small\nmodules: [{name: mod}]\ntests:\n- name: one\n  values: {b: 2}\n"
      "  steps: [{read: /x, save: c}]\n- name: two\n  steps: [{write: /x, text: \"${b}${c}\"}]\n");
  EXPECT_THAT(listing(reading), HasSubstr("no value \"b\""));
  EXPECT_THAT(listing(reading), HasSubstr("no value \"c\""));
}

struct Fault {
  const char* values;
  const char* message;
};

TEST(SeededValues, at_fault) {
  const Fault faults[] = {
      {"[a]", "\"values\" must be a map, not a list"},
      {"{}", "\"values\" must be a map"},
      {"{1a: x}", "\"1a\" is no name of a value"},
      {"{round: x}", "\"round\" is no name of a value"},
      {"{a: ~}", "\"a\" must be text"},
      {"{a: \"${b}\"}", "a value is not made of other values"},
      {"{a: {number: 5}}", "unknown key \"number\" in a"},
      {"{a: {letters: 1, bytes: 1}}", "a value is of one kind"},
      {"{a: {letters: 0}}", "from 1 to 100000"},
      {"{a: {bytes: 100001}}", "from 1 to 100000"},
      {"{a: {integer: 5}}", "\"integer\" must be two numbers, not 5"},
      {"{a: {integer: [5]}}", "must be two numbers"},
      {"{a: {integer: [5, 4]}}", "5 is greater than 4"},
      {"{a: {integer: [1, \"${b}\"]}}", "\"integer\" must be a whole number"},
      {"{a: {integer: [1, 9223372036854775808]}}", "must be a whole number"},
      {"{a: {integers: {count: 3}}}", "\"integers\" needs \"count\" and \"range\""},
      {"{a: {integers: {count: 10001, range: [1, 2]}}}", "from 1 to 10000"},
      {"{a: {integers: {count: 6, range: [1, 11], distinct: true}}}", "too few numbers for 6 distinct ones"},
      {"{a: {one_of: []}}", "\"one_of\" is an empty list"},
      {"{a: {one_of: x}}", "\"one_of\" must be a list"},
  };
  for (const auto& fault : faults) {
    const auto reading = with_values(fault.values);
    ASSERT_EQ(reading.diagnostics.size(), 1U) << fault.values << "\n" << listing(reading);
    EXPECT_THAT(reading.diagnostics[0].message, HasSubstr(fault.message)) << fault.values;
  }
}

TEST(SeededValues, are_named_once) {
  const auto reading = read(
      "lab: small\nmodules: [{name: mod}]\nvalues: {a: 1}\ntests:\n- name: one\n  values: {a: 2}\n"
      "  steps: [{load: mod}]\n");
  EXPECT_THAT(listing(reading), HasSubstr("6:12: a second value \"a\""));
}

TEST(SavedValues, are_known_after_their_step_and_after_the_wait) {
  EXPECT_EQ(listing(read(with_steps("  - read: /x\n    save: a\n  - write: /x\n    text: \"${a}\""))), "");
  EXPECT_EQ(listing(read(with_steps("  - read: /x\n    save: {a: '(\\d+)', b: '([a-z]+)'}\n    background: job\n"
                                    "  - wait: job\n  - write: /x\n    text: \"${a}${b}\""))),
            "");
}

TEST(SavedValues, keep_names_and_patterns) {
  const auto reading = read(with_steps("  - read: /x\n    save: a\n  - run: ls\n    save: {b: '(\\d+)'}"));
  ASSERT_EQ(listing(reading), "");
  const auto& steps = reading.lab.tests[0].steps;
  ASSERT_EQ(steps[0].save.size(), 1U);
  EXPECT_EQ(steps[0].save[0].name, "a");
  EXPECT_EQ(steps[0].save[0].pattern, "");
  EXPECT_EQ(steps[1].save[0].pattern, "(\\d+)");
}

TEST(Repeats, are_written_out) {
  const auto reading = read(with_steps(
      "  - load: mod\n  - repeat:\n      times: 3\n      steps:\n      - write: /x\n        text: \"${round}\"\n"
      "      - read: /x\n  - unload: mod"));
  ASSERT_EQ(listing(reading), "");
  const auto& steps = reading.lab.tests[0].steps;
  ASSERT_EQ(steps.size(), 8U);
  const int rounds[] = {0, 1, 1, 2, 2, 3, 3, 0};
  for (std::size_t i = 0; i < steps.size(); ++i)
    EXPECT_EQ(steps[i].round, rounds[i]) << i;
}

TEST(Repeats, have_a_limit_when_written_out) {
  std::string steps = "  - repeat:\n      times: 1000\n      steps:\n";
  for (int i = 0; i < 6; ++i)
    steps += "      - sleep: 1ms\n";
  EXPECT_THAT(listing(read(with_steps(steps))), HasSubstr("6000 steps when written out"));
}

TEST(Repeats, do_not_grow_beyond_measure) {
  const std::string large = "  - repeat:\n      times: 1000\n      steps:\n      - write: /x\n        text: ";
  EXPECT_EQ(listing(read(with_steps(large + std::string(1000, 'x')))), "");
  EXPECT_THAT(listing(read(with_steps(large + std::string(500'000, 'x')))), HasSubstr("too large when written out"));
  std::string many = "lab: small\nmodules: [{name: mod}]\ntests:\n";
  for (int i = 0; i < 900; ++i)
    many += "- {name: t" + std::to_string(i) + ", steps: [{repeat: {times: 1000, steps: [{sleep: 1ms}]}}]}\n";
  EXPECT_THAT(listing(read(many)), HasSubstr("too large when written out"));
}

TEST(Texts, with_the_characters_that_begin_a_value) {
  const auto reading =
      read(with_steps("  - run: [sh, -c, \"echo $${HOME} $$ $1\"]\n  - write: /x\n    text: \"$${}\""));
  EXPECT_EQ(listing(reading), "");
}

TEST(Values, that_stand_for_numbers_are_plain_text) {
  EXPECT_THAT(listing(read(with_steps("  - open: /x\n    as: x\n  - seek: x\n    to: \"\\e${1}\""))),
              HasSubstr("\"to\" must be a whole number"));
}

TEST(Values, stand_where_numbers_do) {
  EXPECT_EQ(
      listing(with_values("{n: 3}",
                          "  - open: /x\n    as: x\n  - read: x\n    bytes: \"${n}\"\n    at: \"${n * 2}\"\n"
                          "    expect: {bytes: \"${n}\", number: {min: \"${n}\", near: \"${n}\", within: \"${n}%\"}}\n"
                          "  - seek: x\n    to: \"${-n}\"\n  - ioctl: x\n    request: \"${n}\"\n"
                          "    integer: \"${n}\"\n    expect: {result: \"${n}\", integer: \"${n}\"}")),
      "");
}

}  // namespace
}  // namespace labctl
