#include "command_line.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace labctl::spec {

CommandLine split_command(std::string_view text) {
  constexpr std::string_view of_a_shell = "|&;<>$`*?\\";
  CommandLine command;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    // A value, or $${ for the characters: it may hold blanks.
    if (text.substr(at).starts_with("${") || text.substr(at).starts_with("$${")) {
      const std::size_t end = std::min(text.find('}', at), text.size() - 1);
      word += text.substr(at, end - at + 1);
      in_word = true;
      at = end;
      continue;
    }
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (in_word) command.words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else if (of_a_shell.find(c) != std::string_view::npos) {
      command.fault = fmt::format("no shell runs this command, so '{}' would be passed on as it is", c);
      command.hint = "put it in quotes, or write [sh, -c, \"...\"]";
      return command;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) {
    command.fault = fmt::format("a {} quote in this command is not closed", quote == '"' ? "double" : "single");
    command.hint = "close it, or write the words as a list";
  } else if (in_word) {
    command.words.push_back(std::move(word));
  }
  return command;
}

}  // namespace labctl::spec
