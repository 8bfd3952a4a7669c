// How long work tells of itself. cli/ draws it: a bar on a terminal, plain lines elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace labctl {

class Progress {
 public:
  virtual ~Progress() = default;
  // A piece of work begins. total is an estimate in `unit`s ("objects", "MB"); 0 where it is not known.
  virtual void begin(const std::string& title, std::uint64_t total, const std::string& unit) = 0;
  virtual void advance(std::uint64_t done) = 0;  // absolute, in units
  virtual void end(bool succeeded) = 0;
  // One line that the user should see whatever happens to the bar, for example a fallback. Never an error.
  virtual void note(const std::string& line) = 0;
};

// For callers that do not show progress, and tests.
class NoProgress final : public Progress {
 public:
  void begin(const std::string&, std::uint64_t, const std::string&) override {}
  void advance(std::uint64_t) override {}
  void end(bool) override {}
  void note(const std::string&) override {}
};

}  // namespace labctl
