// The words of a command that is written as one text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace labctl::spec {

struct CommandLine {
  std::vector<std::string> words;
  std::string fault;  // why it cannot be split; empty: it was
  std::string hint;
};

// Splits at blanks and newlines. 'single' and "double" quotes keep what is in them as it is, without escapes. No shell:
// a character that asks for one (| & ; < > $ ` * ? \) outside quotes is a fault, not silently an argument.
CommandLine split_command(std::string_view text);

}  // namespace labctl::spec
