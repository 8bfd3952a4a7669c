#include "command_line.hpp"

#include <gtest/gtest.h>

namespace labctl::spec {
namespace {

using Words = std::vector<std::string>;

Words words(std::string_view text) {
  CommandLine command = split_command(text);
  EXPECT_EQ(command.fault, "") << text;
  return command.words;
}

TEST(SplitCommand, at_blanks) {
  EXPECT_EQ(words("cat /proc/x"), (Words{"cat", "/proc/x"}));
  EXPECT_EQ(words("  a \t b\n c  "), (Words{"a", "b", "c"}));
  EXPECT_EQ(words(""), Words{});
  EXPECT_EQ(words("dd if=/x bs=1 -c %a ~ # = [x] {y} !"),
            (Words{"dd", "if=/x", "bs=1", "-c", "%a", "~", "#", "=", "[x]", "{y}", "!"}));
}

TEST(SplitCommand, keeps_what_is_quoted) {
  EXPECT_EQ(words("echo 'a  b' \"c 'd'\" '\"'"), (Words{"echo", "a  b", "c 'd'", "\""}));
  EXPECT_EQ(words("a'b c'd\"e\"f"), (Words{"ab cdef"}));
  EXPECT_EQ(words("echo '' \"\""), (Words{"echo", "", ""}));
  EXPECT_EQ(words("grep 'a|b;$c*\\n'"), (Words{"grep", "a|b;$c*\\n"}));
}

TEST(SplitCommand, is_no_shell) {
  for (const char* text :
       {"a | b", "a;b", "a > b", "a < b", "a && b", "echo $HOME", "echo `id`", "ls *", "ls ?", "echo a\\ b"}) {
    EXPECT_NE(split_command(text).fault, "") << text;
  }
}

TEST(SplitCommand, wants_quotes_closed) {
  EXPECT_EQ(split_command("echo 'a").fault, "a single quote in this command is not closed");
  EXPECT_EQ(split_command("echo \"a'").fault, "a double quote in this command is not closed");
}

}  // namespace
}  // namespace labctl::spec
