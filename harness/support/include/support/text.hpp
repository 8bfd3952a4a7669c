// Text for people: safe to print, and helpful with misspelt names.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace labctl {

// Splits at '\n'; a final newline does not make an empty last line.
std::vector<std::string_view> split_lines(std::string_view text);

// from is not empty.
void replace_all(std::string& text, std::string_view from, std::string_view to);

// Valid UTF-8 without terminal escapes: control characters other than '\n' and '\t' become \xNN, invalid bytes too.
// For everything that came from a guest or a student.
std::string printable(std::string_view bytes);

// printable(), in double quotes, with '\n', '\t', '"' and '\\' escaped, cut to max_bytes of input ("..." follows).
std::string quoted(std::string_view bytes, std::size_t max_bytes = 200);

// The candidate nearest to name by edit distance, if it is near enough to be a slip.
std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& candidates);

// "did you mean \"load\"?" or, where nothing is near, "one of: a, b, c".
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);

// A name for a folder: letters, digits and single hyphens, of about `most` bytes.
std::string folder_name(std::string_view name, std::size_t most = 60);

// Whether a source may be called so: letters, digits and "_.+-", and no option of any program. Other names could be
// commands to make.
bool is_source_file_name(std::string_view name);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

// "0.84 s", "3 min 12 s".
std::string human_duration(std::chrono::milliseconds duration);
// "12 kB", "138 MB" (powers of 1000).
std::string human_size(std::uint64_t bytes);

}  // namespace labctl
