// Reading a line piece by piece, without copies. Inside diagnose/ only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace labctl {

std::string_view without_blanks(std::string_view text);  // at both ends

// Each takes what it names off the front of text, or leaves text as it is.
bool skip(std::string_view& text, std::string_view literal);
std::optional<std::uint64_t> take_decimal(std::string_view& text);
std::optional<std::uint64_t> take_hexadecimal(std::string_view& text);  // with or without "0x"

// What stands between before and after; nothing when one of them is missing.
std::optional<std::string_view> between(std::string_view text, std::string_view before, std::string_view after);

}  // namespace labctl
