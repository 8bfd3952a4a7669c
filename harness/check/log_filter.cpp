#include "log_filter.hpp"

#include <re2/filtered_re2.h>

#include <algorithm>
#include <vector>

#include "text_check.hpp"

namespace labctl {

namespace {
// Shorter ones are in nearly every log.
constexpr int min_literal = 3;
}  // namespace

LogFilter::LogFilter(std::string lines) : folded_(std::move(lines)) {
  ascii_ = std::all_of(folded_.begin(), folded_.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  for (char& c : folded_)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
}

bool LogFilter::may_match(const std::string& expression) const {
  // Beyond ASCII there are letters whose lower case is an ASCII one (the Kelvin sign's is k), which folded_ keeps.
  if (!ascii_) return true;
  RE2::Options quiet;
  quiet.set_log_errors(false);
  re2::FilteredRE2 filter(min_literal);
  int id = 0;
  if (filter.Add(re2::StringPiece(expression.data(), expression.size()), quiet, &id) != RE2::NoError) return true;
  std::vector<std::string> literals;
  filter.Compile(&literals);
  if (literals.empty()) return true;
  std::vector<int> present, possible;
  for (std::size_t i = 0; i < literals.size(); ++i)
    if (holds(folded_, literals[i])) present.push_back(static_cast<int>(i));
  filter.AllPotentials(present, &possible);
  return !possible.empty();
}

}  // namespace labctl
