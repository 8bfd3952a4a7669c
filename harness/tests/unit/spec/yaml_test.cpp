// Input that is no lab spec at all, or that means harm: refused with one clear fault, quickly, and nothing thrown.
#include <gmock/gmock.h>

#include "making.hpp"
#include "support/limits.hpp"

namespace labctl {
namespace {

using making::read;
using making::with_steps;
using testing::HasSubstr;

const std::string good = with_steps("  - load: mod");

void expect_only(const std::string& text, const std::string& place, const std::string& message) {
  const LabReading reading = read(text);
  ASSERT_EQ(reading.diagnostics.size(), 1U) << making::listing(reading);
  EXPECT_EQ(making::place_of(reading.diagnostics[0]), place) << making::listing(reading);
  EXPECT_THAT(reading.diagnostics[0].message, HasSubstr(message));
}

std::string repeated(const std::string& part, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += part;
  return text;
}

TEST(Yaml, control_is_good) {
  EXPECT_EQ(making::listing(read(good)), "");
}

TEST(Yaml, empty) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n", "~\n", "...\n", "\xEF\xBB\xBF", "%YAML 1.2\n"}) {
    const LabReading reading = read(text);
    ASSERT_EQ(reading.diagnostics.size(), 1U) << text;
    EXPECT_EQ(reading.diagnostics[0].message, "the spec is empty") << text;
    EXPECT_THAT(reading.diagnostics[0].hint, HasSubstr("lab: NAME"));
  }
}

TEST(Yaml, of_another_shape) {
  expect_only("hello\n", "1:1", "the lab must be a map, not hello");
  expect_only("- lab: x\n", "1:1", "the lab must be a map, not a list");
  expect_only("{}\n", "1:1", "the lab is an empty map");
}

TEST(Yaml, several_documents) {
  expect_only(good + "---\n" + good, "7:1", "a second document");
  expect_only(good + "...\nlab: x\n", "8:1", "a second document");
  // yaml-cpp takes what is left over for further documents, and for some of it does so for ever.
  expect_only("  lab: x\ntitle: y\n", "2:1", "does not belong to what is above it");
  expect_only(",", "1:1", "");
  expect_only(good + ",\n", "7:1", "");
}

TEST(Yaml, tabs_are_all_found) {
  const LabReading reading = read("lab: small\n\ttitle: x\n  \ttopic: y\nmodules:\n\t- name: mod\n");
  ASSERT_EQ(reading.diagnostics.size(), 3U) << making::listing(reading);
  EXPECT_EQ(making::place_of(reading.diagnostics[0]), "2:1");
  EXPECT_EQ(making::place_of(reading.diagnostics[1]), "3:3");
  EXPECT_EQ(making::place_of(reading.diagnostics[2]), "5:1");
}

TEST(Yaml, tabs_elsewhere_are_text) {
  EXPECT_EQ(making::listing(read("\t\n\t# note\nlab:\tsmall\ntitle: a\t# b\n" + good.substr(good.find("modules")))),
            "");
  const std::string block = "  - write: /x\n    text: |  # why\n      a\n      \tb\n\n    expect: {bytes: 5}";
  EXPECT_EQ(making::listing(read(with_steps(block))), "");
  // Below the block it is indentation again.
  EXPECT_FALSE(read(with_steps("  - write: /x\n    text: |\n      a\n\t- load: mod")).diagnostics.empty());
}

TEST(Yaml, aliases_are_refused) {
  const LabReading reading = read("lab: &a small\ntitle: *a\n" + good.substr(good.find("modules")));
  ASSERT_EQ(reading.diagnostics.size(), 2U) << making::listing(reading);
  EXPECT_EQ(reading.diagnostics[0].message, "an anchor");
  EXPECT_EQ(making::place_of(reading.diagnostics[0]), "1:6");
  EXPECT_EQ(reading.diagnostics[1].message, "an alias");
  EXPECT_EQ(making::place_of(reading.diagnostics[1]), "2:8");
}

TEST(Yaml, billion_laughs) {
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + "," + before + "," + before + "]\n";
  }
  const LabReading reading = read(text);
  EXPECT_GE(reading.diagnostics.size(), 30U);
  EXPECT_LT(reading.diagnostics.size(), 300U);
}

TEST(Yaml, merge_keys_are_unknown_keys) {
  expect_only("<<: {title: x}\n" + good, "1:1", "unknown key \"<<\"");
}

TEST(Yaml, nested_too_deep) {
  expect_only("lab: " + repeated("[", 31) + repeated("]", 31) + "\n" + good.substr(good.find("modules")), "1:6",
              "\"lab\" must be text");
  expect_only("lab: " + repeated("[", 40) + repeated("]", 40), "1:37", "nested more than 32 levels deep");
  for (const char* opening : {"[", "{", "- ", "? ", "[a: ", "{a: ", "[[],", "{? "}) {
    const LabReading reading = read(repeated(opening, 100'000));
    ASSERT_EQ(reading.diagnostics.size(), 1U) << opening;
    EXPECT_THAT(reading.diagnostics[0].message, HasSubstr("nested more than 32")) << opening;
  }
}

TEST(Yaml, too_many_values) {
  expect_only("lab: [" + repeated("a,", 130'000) + "]", "1:200001", "more than 100000 values");
}

TEST(Yaml, too_large) {
  const std::uint64_t most = Limits{}.spec_bytes;
  std::string text = good + "#";
  text.resize(most, 'x');
  EXPECT_EQ(making::listing(read(text)), "");
  text += "x";
  expect_only(text, "1:1", "the spec has 1.0 MB");

  expect_only(repeated("a: b\n", 2'000'000), "1:1", "the spec has 10 MB");
}

TEST(Yaml, bytes_that_are_no_text) {
  const auto with = [](const std::string& bytes) {
    return "lab: small\ntitle: \"a" + bytes + "b\"\n" + good.substr(11);
  };
  EXPECT_EQ(making::listing(read(with("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\xA7"))), "");
  expect_only(with(std::string(1, '\0')), "2:10", "a NUL byte");
  expect_only(with("\x04"), "2:10", "control character 0x04");  // yaml-cpp's end of file
  expect_only(with("\x1b[31m"), "2:10", "control character 0x1b");
  expect_only(with("\x7f"), "2:10", "control character 0x7f");
  expect_only(with("\xC2\x85"), "2:10", "control character U+0085");
  expect_only(with("\rx"), "2:10", "a carriage return");  // yaml-cpp drops it
  expect_only(with("\xC3\xA9\xFF"), "2:11", "byte 0xff is not UTF-8");
  expect_only(with("\xC0\xAF"), "2:10", "byte 0xc0 is not UTF-8");          // overlong
  expect_only(with("\xED\xA0\x80"), "2:10", "byte 0xed is not UTF-8");      // a surrogate
  expect_only(with("\xF4\x90\x80\x80"), "2:10", "byte 0xf4 is not UTF-8");  // beyond U+10FFFF
  expect_only(with("\xE2\x82"), "2:10", "byte 0xe2 is not UTF-8");          // cut short
}

TEST(Yaml, utf16_is_no_text) {
  std::string text = "\xFF\xFE";
  for (char c : good)
    text += {c, '\0'};
  const LabReading reading = read(text);
  ASSERT_FALSE(reading.diagnostics.empty());
  EXPECT_EQ(reading.diagnostics[0].message, "byte 0xff is not UTF-8 text in the spec");
}

TEST(Yaml, quotes_that_never_end) {
  expect_only("lab: \"small\n" + good, "1:6", "this quoted text has no end");
  expect_only("lab: 'it''s\n" + good, "1:6", "this quoted text has no end");
  expect_only("lab: \"small\\\"\n", "1:6", "this quoted text has no end");
}

TEST(Yaml, nothing_where_something_is_wanted) {
  // The place is the key's: yaml-cpp tells only where the next token is.
  expect_only("lab: small\ntitle:\n\n\n" + good.substr(11), "2:1", "\"title\" must be text, not nothing");
  expect_only("lab: small\ntitle: ~\n" + good.substr(11), "2:8", "\"title\" must be text, not nothing");
}

TEST(Yaml, all_faults_in_one_pass_and_in_order) {
  const LabReading reading = read(
      "tests:\n- name: one\n  steps:\n  - laod: mod\n  - load: mdo\nmodules: [{name: mod}]\nlab: Small\ncpus: 0\n");
  ASSERT_EQ(reading.diagnostics.size(), 4U) << making::listing(reading);
  EXPECT_EQ(making::place_of(reading.diagnostics[0]), "4:5");
  EXPECT_EQ(making::place_of(reading.diagnostics[1]), "5:11");
  EXPECT_EQ(making::place_of(reading.diagnostics[2]), "7:6");
  EXPECT_EQ(making::place_of(reading.diagnostics[3]), "8:7");
}

TEST(Yaml, faults_without_number_are_counted) {
  std::string text;
  for (int i = 0; i < 3000; ++i)
    text += "key" + std::to_string(i) + ": x\n";
  const LabReading reading = read(text + good);
  EXPECT_EQ(reading.diagnostics.size(), 1000U);
  EXPECT_EQ(reading.omitted, 2000U);
}

}  // namespace
}  // namespace labctl
