// Where and how the faults of a spec are collected while it is read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "spec/lab_reader.hpp"

namespace labctl::spec {

struct Position {
  int line = 1;    // from 1
  int column = 1;  // from 1, in code points
};

class Faults {
 public:
  static constexpr std::size_t max_kept = 1000;

  void add(Position position, std::string message, std::string hint = {});

  bool empty() const { return kept_.empty(); }
  std::size_t omitted() const { return omitted_; }
  // Whether further faults are only counted: then a costly hint is not worth working out.
  bool full() const { return kept_.size() >= max_kept; }

  // suggestion() from support/text.hpp, bounded: for a fault that is about to be added.
  std::string names_hint(std::string_view name, const std::vector<std::string>& candidates) const;

  // Everything kept, in the file's order.
  std::vector<Diagnostic> take();

 private:
  std::vector<Diagnostic> kept_;
  std::size_t omitted_ = 0;
};

// A text of the spec inside a message: in quotes, printable, short.
std::string shown(std::string_view text);

}  // namespace labctl::spec
