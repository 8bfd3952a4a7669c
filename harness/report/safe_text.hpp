// Text of unknown origin made fit for a report: printable, and bounded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/lab.hpp"

namespace labctl::report {

// At most max_bytes of valid UTF-8, cut between characters; "..." follows where something was cut.
std::string cut(std::string text, std::size_t max_bytes);

// printable() in one line: line breaks and tabs become spaces, ends are trimmed.
std::string one_line(std::string_view bytes, std::size_t max_bytes = 400);

enum class Keep { first, last };

// printable() line by line, without carriage returns at line ends. Of more than max_lines the first or the last are
// kept, and a line says how many are missing.
std::vector<std::string> lines_of(std::string_view bytes, std::size_t max_lines, Keep keep = Keep::first);

// "lab.yaml:12", or "" for something that was not written anywhere.
std::string location(const SourceLocation& where);

// Columns that the text takes on a terminal, taking every character for one column wide.
std::size_t width(std::string_view utf8);

// Its words in lines of at most that many columns; a word that is longer has a line of its own.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

// The text and as many spaces as bring it to that width.
std::string padded(std::string text, std::size_t to_width);

// "1 test", "2 tests".
std::string counted(std::size_t count, std::string_view thing);

}  // namespace labctl::report
