// Values that steps use as ${name}: made from a seed, saved from what was seen, put into texts. Pure.
//
// Inside ${...} stands a name, or an expression of names, whole numbers (64 bits, signed), + - * / % ( ) and the
// functions of function_names(). A list is its items with commas between. $${ is the text "${".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/lab.hpp"
#include "support/result.hpp"

namespace labctl {

using Values = std::map<std::string, std::string, std::less<>>;

// What stands in a text's ${...}; fault: why the first bad one cannot be read.
struct Used {
  std::vector<std::string> names;
  std::string fault;
  bool any = false;  // there is one, also one without names
};
Used used_in(std::string_view text);
const std::vector<std::string>& function_names();

// The text with every ${...} replaced. Fault::module: a name without a value, a value that is no number where one is
// needed, a division by zero, a result beyond 64 bits. The message says which.
Result<std::string> expand(std::string_view text, const Values& values);
// The same of every text and number of a step.
Result<Step> resolve(Step step, const Values& values);

// The test's own values. The same seed gives the same ones, on every host.
Values make_values(const std::vector<ValueSpec>& specs, const std::string& seed);

// What a step's output gives: nothing where the pattern matches nothing.
std::optional<std::string> saved_value(const Save& save, const std::string& text);

}  // namespace labctl
