// Text expectations, and how text is shown when one fails. Inside check/ only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/lab.hpp"
#include "model/result.hpp"

namespace re2 {
class RE2;
}

namespace labctl {

// Judges a text that an action gave. noun is what messages call it ("text", "stdout"). A truncated text can satisfy
// only what its missing part could not undo.
std::vector<CheckResult> check_text(std::string_view noun, const TextExpectation& expect, const std::string& text,
                                    bool truncated);

// Whether text holds what. Linear in both (std::string::find is not).
bool holds(std::string_view text, std::string_view what);
// As holds(), with A to Z taken as a to z.
bool holds_in_any_case(std::string_view text, std::string_view what);

// An expression as specs write them; its ok() must be asked.
re2::RE2 compile(const std::string& expression);
bool found(const re2::RE2& expression, std::string_view text);

// The text for a message: quoted when it is one short line, "nothing" when empty, otherwise its size and its first
// lines below each other. Bounded.
std::string shown(std::string_view text);

// printable() on one line, cut to max_bytes of input.
std::string one_line(std::string_view text, std::size_t max_bytes = 300);

CheckResult passing(std::string what);
CheckResult failing(std::string what, std::string expected, std::string seen);
void append(std::vector<CheckResult>& checks, std::vector<CheckResult> more);

}  // namespace labctl
