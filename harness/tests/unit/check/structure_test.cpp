// Text that is read as something: bytes, lines, numbers, a table, JSON.
#include <gmock/gmock.h>

#include <functional>

#include "making.hpp"

namespace labctl {
namespace {

using namespace making;
using testing::HasSubstr;

std::vector<CheckResult> read(const TextExpectation& expect, const std::string& data, bool truncated = false) {
  ReadStep step = read_of("/proc/x");
  step.expect = expect;
  return Story()
      .step(step,
            [&](Observation& seen) {
              seen.data = data;
              seen.truncated = truncated;
            })
      .checks();
}

bool passes(const TextExpectation& expect, const std::string& data, bool truncated = false) {
  const auto checks = read(expect, data, truncated);
  return checks.size() > 1 &&
         std::all_of(checks.begin(), checks.end(), [](const CheckResult& check) { return check.passed; });
}

// What the failing checks say.
std::string reasons(const TextExpectation& expect, const std::string& data, bool truncated = false) {
  std::string text;
  for (const auto& check : read(expect, data, truncated))
    if (!check.passed) text += check.what + ": " + check.expected + ": " + check.seen + "\n";
  return text;
}

TextExpectation make(const std::function<void(TextExpectation&)>& fill) {
  TextExpectation expect;
  fill(expect);
  return expect;
}

TextExpectation number(const NumberCheck& check) {
  return make([&](auto& expect) { expect.numbers = {check}; });
}

TextExpectation table(const std::function<void(TableCheck&)>& fill) {
  TableCheck check;
  fill(check);
  return make([&](auto& expect) { expect.tables = {check}; });
}

TextExpectation cell_is(const std::string& text) {
  return make([&](auto& expect) { expect.equals = text; });
}

TEST(BytesCheck, compares_every_byte) {
  const auto exactly = make([](auto& expect) { expect.exactly = std::string("a\0b", 3); });
  EXPECT_TRUE(passes(exactly, std::string("a\0b", 3)));
  EXPECT_FALSE(passes(exactly, std::string("a\0b\n", 4))) << "a final newline is a byte, too";
  EXPECT_THAT(reasons(exactly, "ab"), HasSubstr("3 bytes: 61 00 62"));
  const auto many = make([](auto& expect) { expect.exactly = std::string(200, 'x') + "y"; });
  EXPECT_THAT(reasons(many, std::string(201, 'x')), HasSubstr("the first difference is at byte 201"));
  EXPECT_TRUE(passes(make([](auto& expect) { expect.bytes = "4"; }), "abc\n"));
  EXPECT_FALSE(passes(make([](auto& expect) { expect.bytes = "3"; }), "abc\n"));
  EXPECT_FALSE(passes(make([](auto& expect) { expect.bytes = "4"; }), "abcd", true)) << "more may have followed";
}

TEST(SequenceCheck, wants_lines_one_after_the_other) {
  const auto expect = make([](auto& e) { e.sequence = {"one", "two"}; });
  EXPECT_TRUE(passes(expect, "x\nthe one\ny\ntwo\n"));
  EXPECT_FALSE(passes(expect, "two\none\n"));
  EXPECT_FALSE(passes(expect, "one two\n")) << "each is in a line of its own";
  EXPECT_THAT(reasons(expect, "two\none\n"), HasSubstr("\"two\" in a line after \"one\""));
}

TEST(UnorderedCheck, wants_these_lines_and_no_other) {
  const auto expect = make([](auto& e) { e.unordered = {{"a", "b", "b"}}; });
  EXPECT_TRUE(passes(expect, "b\na\nb\n"));
  EXPECT_FALSE(passes(expect, "b\na\n"));
  EXPECT_THAT(reasons(expect, "b\na\n"), HasSubstr("without \"b\""));
  EXPECT_THAT(reasons(expect, "b\na\nb\nc\n"), HasSubstr("with \"c\" besides"));
}

TEST(IncludesCheck, wants_whole_lines) {
  const auto expect = make([](auto& e) { e.includes = {"a", "b\nc"}; });
  EXPECT_TRUE(passes(expect, "c\nx\nb\na\n"));
  EXPECT_FALSE(passes(expect, "c\nb\nab\n"));
  EXPECT_THAT(reasons(expect, "c\nb\n"), HasSubstr("it without \"a\""));
  auto tolerant = expect;
  tolerant.missing = "1";
  EXPECT_TRUE(passes(tolerant, "c\nb\n"));
  EXPECT_FALSE(passes(tolerant, "c\n"));
  EXPECT_FALSE(passes(make([](auto& e) { e.includes = {"\n"}; }), "x")) << "an empty line is not there";
}

TEST(NumberCheck, of_the_whole_text_or_a_group) {
  EXPECT_TRUE(passes(number({"", "5", {}, {}, {}, ""}), " 5\n"));
  EXPECT_TRUE(passes(number({"", "0x10", {}, {}, {}, ""}), "16"));
  EXPECT_FALSE(passes(number({"", "5", {}, {}, {}, ""}), "6"));
  EXPECT_TRUE(passes(number({"size: (\\d+)", {}, "10", "20", {}, ""}), "name: 1\nsize: 20\n"));
  EXPECT_FALSE(passes(number({"size: (\\d+)", {}, "10", "20", {}, ""}), "size: 21\n"));
  EXPECT_THAT(reasons(number({"size: (\\d+)", {}, "10", {}, {}, ""}), "size: many"), HasSubstr("text that matches"));
  EXPECT_THAT(reasons(number({"", "5", {}, {}, {}, ""}), "five"), HasSubstr("a number"));
  EXPECT_THAT(reasons(number({"", {}, "10", "20", {}, ""}), "21"), HasSubstr("from 10 to 20: 21"));
}

TEST(NumberCheck, of_fractions_and_tolerances) {
  EXPECT_TRUE(passes(number({"", {}, "0.5", "1.5", {}, ""}), "1.25"));
  EXPECT_FALSE(passes(number({"", {}, "0.5", "1.5", {}, ""}), "1.51"));
  EXPECT_TRUE(passes(number({"", {}, {}, {}, "100", "10%"}), "90"));
  EXPECT_FALSE(passes(number({"", {}, {}, {}, "100", "10%"}), "89"));
  EXPECT_TRUE(passes(number({"", {}, {}, {}, "-100", "10%"}), "-110"));
  EXPECT_TRUE(passes(number({"", {}, {}, {}, "100", "3"}), "103"));
  EXPECT_FALSE(passes(number({"", {}, {}, {}, "100", "3"}), "104"));
  EXPECT_TRUE(passes(number({"", "9223372036854775807", {}, {}, {}, ""}), "9223372036854775807"));
  EXPECT_FALSE(passes(number({"", "9223372036854775806", {}, {}, {}, ""}), "9223372036854775807"));
}

const std::string pool = "# blocks\nname size state\nalpha 16 free\nbeta 128 in use\ngamma 512 free\n";

TEST(TableCheck, finds_a_row_by_its_cells) {
  const auto find = [](const std::string& name, const std::string& size) {
    return table([&](TableCheck& check) {
      check.skip = 1;
      check.row = {{"name", name}};
      check.cells.push_back({"size", cell_is(size)});
    });
  };
  EXPECT_TRUE(passes(find("beta", "128"), pool));
  EXPECT_FALSE(passes(find("beta", "129"), pool));
  EXPECT_THAT(reasons(find("beta", "129"), pool), HasSubstr("size of a row with name \"beta\""));
  EXPECT_THAT(reasons(find("delta", "1"), pool), HasSubstr("a row with name \"delta\""));
}

TEST(TableCheck, keeps_what_is_left_of_a_line_in_the_last_column) {
  EXPECT_TRUE(passes(table([](TableCheck& check) {
                       check.skip = 1;
                       check.row = {{"state", "in use"}};
                     }),
                     pool));
}

TEST(TableCheck, counts_rows) {
  const auto rows = [](const std::string& count) {
    return table([&](TableCheck& check) {
      check.skip = 1;
      check.row = {{"state", "free"}};
      check.rows = count;
    });
  };
  EXPECT_TRUE(passes(rows("2"), pool));
  EXPECT_FALSE(passes(rows("3"), pool));
  EXPECT_FALSE(passes(rows("2"), pool, true)) << "more may have followed";
}

TEST(TableCheck, counts_rows_and_looks_at_the_first) {
  const auto both = [](const std::string& size) {
    return table([&](TableCheck& check) {
      check.skip = 1;
      check.row = {{"state", "free"}};
      check.rows = "2";
      check.cells.push_back({"size", cell_is(size)});
    });
  };
  EXPECT_TRUE(passes(both("16"), pool));
  EXPECT_FALSE(passes(both("512"), pool));
}

TEST(TableCheck, wants_a_row_to_be_absent) {
  const auto absent = [](const std::string& name) {
    return table([&](TableCheck& check) {
      check.skip = 1;
      check.row = {{"name", name}};
      check.absent = true;
    });
  };
  EXPECT_TRUE(passes(absent("delta"), pool));
  EXPECT_FALSE(passes(absent("alpha"), pool));
}

TEST(TableCheck, has_columns_and_separators_of_its_own) {
  const auto colons = table([](TableCheck& check) {
    check.columns = {"key", "value"};
    check.separator = ":";
    check.row = {{"key", "b"}};
    check.cells.push_back({"value", cell_is("2 : 3")});
  });
  EXPECT_TRUE(passes(colons, "a: 1\nb : 2 : 3\n"));
  EXPECT_THAT(reasons(table([](TableCheck& check) {
                        check.columns = {"key"};
                        check.cells.push_back({"value", cell_is("x")});
                      }),
                      "a b\n"),
              HasSubstr("a column value"));
  EXPECT_FALSE(passes(colons, ""));
}

TEST(JsonCheck, looks_at_places) {
  const std::string text = "{\"a\": {\"b\": [1, \"two\", null]}, \"c/d\": true, \"t\": \"3\"}";
  const auto is = [&](const std::string& pointer, const std::string& value) {
    return passes(make([&](auto& expect) { expect.json = {{pointer, value}}; }), text);
  };
  EXPECT_TRUE(is("/a/b/0", "1"));
  EXPECT_TRUE(is("/a/b/1", "two"));
  EXPECT_TRUE(is("/a/b/2", "null"));
  EXPECT_TRUE(is("/a", "{\"b\": [1, \"two\", null]}"));
  EXPECT_TRUE(is("/c~1d", "true"));
  EXPECT_TRUE(is("/t", "3")) << "a string is compared as it is";
  EXPECT_FALSE(is("/a/b/0", "2"));
  EXPECT_FALSE(is("/a/b/7", "1"));
  EXPECT_FALSE(is("/none", "1"));
  EXPECT_FALSE(is("no pointer", "1"));
  EXPECT_THAT(reasons(make([](auto& e) { e.json = {{"/x", "1"}}; }), "{"), HasSubstr("JSON"));
}

}  // namespace
}  // namespace labctl
