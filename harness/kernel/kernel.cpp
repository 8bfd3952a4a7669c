#include "kernel/kernel.hpp"

#include <algorithm>
#include <vector>

namespace labctl {

namespace {

// "6.1.192-rc1" → 6, 1, 192
std::vector<int> numbers(const std::string& version) {
  std::vector<int> parts;
  int value = -1;
  for (char c : version) {
    if (c >= '0' && c <= '9') {
      value = std::max(value, 0) * 10 + (c - '0');
      if (value > 1'000'000) value = 1'000'000;
    } else if (c == '.' && value >= 0) {
      parts.push_back(value);
      value = -1;
    } else {
      break;
    }
  }
  if (value >= 0) parts.push_back(value);
  return parts;
}

}  // namespace

int compare_versions(const std::string& a, const std::string& b) {
  const auto left = numbers(a);
  const auto right = numbers(b);
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i)
    if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
  return 0;
}

}  // namespace labctl
