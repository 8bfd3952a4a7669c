#include "support/text.hpp"

#include <gtest/gtest.h>

namespace labctl {
namespace {

TEST(SplitLines, FinalNewlineMakesNoLine) {
  EXPECT_EQ(split_lines("a\nb\n"), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(split_lines("a\n\nb"), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_TRUE(split_lines("").empty());
}

TEST(Printable, KeepsTextAndShowsTheRest) {
  EXPECT_EQ(printable("plain\ttext\n"), "plain\ttext\n");
  EXPECT_EQ(printable("grüße 漢字"), "grüße 漢字");
  EXPECT_EQ(printable("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\x7f"), "\\x7f");
}

TEST(Printable, RefusesWhatIsNotUtf8) {
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xc3"), "\\xc3") << "cut in the middle";
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "surrogate";
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "C1 control, an escape to some terminals";
}

TEST(Quoted, EscapesAndCuts) {
  EXPECT_EQ(quoted("a\n\"b\""), "\"a\\n\\\"b\\\"\"");
  EXPECT_EQ(quoted("abcdef", 3), "\"abc\"...");
}

TEST(Nearest, FindsSlipsAndNothingElse) {
  const std::vector<std::string> names = {"load", "unload", "read", "dmesg"};
  EXPECT_EQ(nearest("laod", names), "load");
  EXPECT_EQ(nearest("dmsg", names), "dmesg");
  EXPECT_EQ(nearest("frobnicate", names), std::nullopt);
  EXPECT_EQ(suggestion("unlaod", names), "did you mean \"unload\"?");
  EXPECT_EQ(suggestion("frobnicate", names), "one of: load, unload, read, dmesg");
}

TEST(Text, NamesOfFoldersArePlain) {
  EXPECT_EQ(folder_name("reads /proc/x: \"a\" & b"), "reads-proc-x-a-b");
  EXPECT_EQ(folder_name("../../etc"), "etc");
  EXPECT_EQ(folder_name(std::string(200, 'a'), 80).size(), 80U);
  EXPECT_EQ(folder_name("\xd0\xb0"), "");
}

TEST(Text, NamesOfSourcesArePlain) {
  for (const auto* good : {"a.c", "my-mod_2.c", "c++.h", ".x"})
    EXPECT_TRUE(is_source_file_name(good)) << good;
  for (const auto* bad : {"", "-o.c", "$(x).c", "a b.c", "a/b.c", "\xc3\xbc.c"})
    EXPECT_FALSE(is_source_file_name(bad)) << bad;
}

TEST(Human, DurationsAndSizes) {
  EXPECT_EQ(human_duration(std::chrono::milliseconds(840)), "0.84 s");
  EXPECT_EQ(human_duration(std::chrono::milliseconds(192'000)), "3 min 12 s");
  EXPECT_EQ(human_size(12), "12 bytes");
  EXPECT_EQ(human_size(1500), "1.5 kB");
  EXPECT_EQ(human_size(138'009'412), "138 MB");
}

}  // namespace
}  // namespace labctl
