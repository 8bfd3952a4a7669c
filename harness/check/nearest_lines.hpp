// What to show of a long text that lacks something: the lines most like it, or the last ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace labctl {

// As shown(), where the text is short. Of a longer one it says how many lines it has, and shows with their numbers the
// few that have most in common with `wanted`, upper and lower case alike; where none has, the last ones, which of a log
// tell most.
std::string shown_near(std::string_view text, const std::vector<std::string>& wanted);

// The literal texts of an RE2 expression, so far as they are plain to see: "MemTotal:" and " kB" of "^MemTotal:\s+\d+
// kB$".
std::vector<std::string> literal_parts(std::string_view expression);

}  // namespace labctl
