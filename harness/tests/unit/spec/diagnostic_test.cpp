// How a fault is shown: the caret under the character, whatever is before it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "making.hpp"
#include "support/text.hpp"
#include "temporary_folder.hpp"

namespace labctl {
namespace {

std::string format(const std::string& text, int line, int column, const std::string& hint = "") {
  return format_diagnostic("lab.yaml", text, Diagnostic{line, column, "wrong", hint});
}

TEST(FormatDiagnostic, like_a_compiler) {
  EXPECT_EQ(format("lab: x\ntitel: y\n", 2, 1, "did you mean \"title\"?"),
            "lab.yaml:2:1: error: wrong\n"
            "  titel: y\n"
            "  ^\n"
            "  hint: did you mean \"title\"?");
}

TEST(FormatDiagnostic, without_hint_or_source) {
  EXPECT_EQ(format("a\n", 1, 1), "lab.yaml:1:1: error: wrong\n  a\n  ^");
  EXPECT_EQ(format("", 1, 1), "lab.yaml:1:1: error: wrong");
  EXPECT_EQ(format("a\n", 7, 1), "lab.yaml:7:1: error: wrong");
  EXPECT_EQ(format("a\n", 0, 0), "lab.yaml:0:0: error: wrong");
}

TEST(FormatDiagnostic, just_beyond_the_line) {
  EXPECT_EQ(format("abc\n", 1, 4), "lab.yaml:1:4: error: wrong\n  abc\n     ^");
  EXPECT_EQ(format("abc\n", 1, 99), "lab.yaml:1:99: error: wrong\n  abc\n     ^");
}

TEST(FormatDiagnostic, tabs_go_to_the_next_stop) {
  EXPECT_EQ(format("a\tb\n", 1, 3), "lab.yaml:1:3: error: wrong\n  a       b\n          ^");
}

TEST(FormatDiagnostic, characters_are_not_bytes) {
  EXPECT_EQ(format("\xC3\xA9\xC3\xA9x\n", 1, 3), "lab.yaml:1:3: error: wrong\n  \xC3\xA9\xC3\xA9x\n    ^");
  // A wide character takes two cells, a combining one none.
  EXPECT_EQ(format("\xE6\xBC\xA2x\n", 1, 2), "lab.yaml:1:2: error: wrong\n  \xE6\xBC\xA2x\n    ^");
  EXPECT_EQ(format("e\xCC\x81x\n", 1, 3), "lab.yaml:1:3: error: wrong\n  e\xCC\x81x\n   ^");
}

TEST(FormatDiagnostic, what_a_terminal_would_obey_is_spelt_out) {
  EXPECT_EQ(format("a\x1b[31mb\n", 1, 2), "lab.yaml:1:2: error: wrong\n  a\\x1b[31mb\n   ^");
  EXPECT_EQ(format("\xFFz\n", 1, 2), "lab.yaml:1:2: error: wrong\n  \\xffz\n      ^");
  EXPECT_EQ(format("\xE2\x80\xAEz\n", 1, 2), "lab.yaml:1:2: error: wrong\n  <U+202E>z\n          ^");
  EXPECT_EQ(format_diagnostic("a\x1b.yaml", "", Diagnostic{1, 1, "x\x07", ""}), "a\\x1b.yaml:1:1: error: x\\x07");
}

// Whether the caret is under the only X, and the shown line is of a sane width.
void expect_caret_under_x(const std::string& shown) {
  const auto lines = split_lines(shown);
  ASSERT_EQ(lines.size(), 3U) << shown;
  EXPECT_LE(lines[1].size(), 110U);
  EXPECT_EQ(lines[1].find('X'), lines[2].find('^')) << shown;
}

TEST(FormatDiagnostic, long_lines_are_cut_around_the_caret) {
  for (const int before : {0, 50, 99, 100, 101, 150, 199, 200, 201, 5000, 1'000'000}) {
    for (const int after : {0, 10, 100, 5000}) {
      const std::string text = std::string(static_cast<std::size_t>(before), 'a') + "X" +
                               std::string(static_cast<std::size_t>(after), 'b') + "\n";
      expect_caret_under_x(format(text, 1, before + 1));
    }
  }
}

TEST(FormatDiagnostic, a_byte_order_mark_is_not_in_the_line) {
  EXPECT_EQ(format("\xEF\xBB\xBFX: y\n", 1, 1), "lab.yaml:1:1: error: wrong\n  X: y\n  ^");
}

class ReadLab : public testing::Test {
 protected:
  ReadLab() { std::filesystem::create_directory(folder_); }

  Result<Lab> read(const std::string& text) const {
    std::ofstream(folder_ / "lab.yaml", std::ios::binary) << text;
    return read_lab(folder_ / "lab.yaml");
  }
  const test::TemporaryFolder temporary_;
  // A lab is named after its folder.
  const std::filesystem::path folder_ = temporary_.path() / "small";
};

TEST_F(ReadLab, gives_the_lab) {
  const auto lab = read(making::with_steps("  - load: mod"));
  ASSERT_TRUE(lab) << lab.error().message;
  EXPECT_EQ(lab->id, "small");
  EXPECT_EQ(lab->file, folder_ / "lab.yaml");
  EXPECT_EQ(lab->tests[0].where.file, folder_ / "lab.yaml");
}

TEST_F(ReadLab, shows_every_fault) {
  const auto lab = read(making::with_steps("  - laod: mod\n  - load: mdo"));
  ASSERT_FALSE(lab);
  EXPECT_EQ(lab.error().fault, Fault::usage);
  const std::string file = (folder_ / "lab.yaml").string();
  EXPECT_EQ(lab.error().message, file + " is not a valid lab spec: 2 errors\n" + file +
                                     ":6:5: error: unknown step \"laod\"\n    - laod: mod\n      ^\n"
                                     "  hint: did you mean \"load\"?\n" +
                                     file +
                                     ":7:11: error: unknown module \"mdo\"\n    - load: mdo\n            ^\n"
                                     "  hint: did you mean \"mod\"?");
  EXPECT_NE(lab.error().hint, "");
}

TEST_F(ReadLab, shows_fifty_and_says_how_many_more) {
  std::string keys;
  for (int i = 0; i < 1500; ++i)
    keys += "key" + std::to_string(i) + ": x\n";
  const auto lab = read(keys + making::with_steps("  - load: mod"));
  ASSERT_FALSE(lab);
  EXPECT_NE(lab.error().message.find("1500 errors"), std::string::npos);
  EXPECT_NE(lab.error().message.find("lab.yaml:50:1: error"), std::string::npos);
  EXPECT_EQ(lab.error().message.find("lab.yaml:51:1: error"), std::string::npos);
  EXPECT_TRUE(lab.error().message.ends_with("... and 1450 more errors"));
}

TEST_F(ReadLab, can_be_had_with_every_fault) {
  read(making::with_steps("  - laod: mod\n  - load: mdo"));
  const auto reading = read_spec(folder_ / "lab.yaml");
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->diagnostics.size(), 2U);
  EXPECT_EQ(reading->lab.file, folder_ / "lab.yaml");
  EXPECT_NE(reading->lab.text.find("laod"), std::string::npos);
  const auto missing = read_spec(folder_ / "other.yaml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().fault, Fault::usage);
}

TEST_F(ReadLab, refuses_what_is_no_spec_file) {
  const auto missing = read_lab(folder_ / "other.yaml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().fault, Fault::usage);
  EXPECT_NE(missing.error().message.find("there is no lab spec"), std::string::npos);
  const auto folder = read_lab(folder_);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().fault, Fault::usage);
  EXPECT_NE(folder.error().message.find("is not a file"), std::string::npos);
  const auto device = read_lab("/dev/zero");
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().fault, Fault::usage);
}

TEST_F(ReadLab, refuses_ten_megabytes) {
  const auto lab = read("lab: small\n#" + std::string(10 << 20, 'x'));
  ASSERT_FALSE(lab);
  EXPECT_EQ(lab.error().fault, Fault::usage);
  EXPECT_NE(lab.error().message.find("the spec has 10 MB"), std::string::npos) << lab.error().message;
  EXPECT_NE(lab.error().hint.find("at most 1.0 MB"), std::string::npos) << lab.error().hint;
}

}  // namespace
}  // namespace labctl
