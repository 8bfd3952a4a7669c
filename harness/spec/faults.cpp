#include "faults.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "support/text.hpp"

namespace labctl::spec {

void Faults::add(Position position, std::string message, std::string hint) {
  if (full()) {
    ++omitted_;
    return;
  }
  kept_.push_back(Diagnostic{position.line, position.column, std::move(message), std::move(hint)});
}

std::string Faults::names_hint(std::string_view name, const std::vector<std::string>& candidates) const {
  if (full()) return {};
  // nearest() costs the product of the lengths, and a spec may hold any name.
  if (auto near = name.size() <= 64 ? nearest(name, candidates) : std::nullopt) {
    return "did you mean " + shown(*near) + "?";
  }
  constexpr std::size_t max_listed = 20;
  if (candidates.empty()) return {};
  if (candidates.size() <= max_listed) return "one of: " + join(candidates, ", ");
  return "one of: " + join({candidates.begin(), candidates.begin() + max_listed}, ", ") + ", ...";
}

std::vector<Diagnostic> Faults::take() {
  std::stable_sort(kept_.begin(), kept_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return std::exchange(kept_, {});
}

std::string shown(std::string_view text) {
  return labctl::quoted(text, 60);
}

}  // namespace labctl::spec
