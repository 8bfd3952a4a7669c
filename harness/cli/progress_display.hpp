// Progress for people: a bar on a terminal, plain lines elsewhere. Both on standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "support/progress.hpp"

namespace labctl {

// Pure: the bar's line, at most `columns` wide: "kernel 6.1  [=====>    ]  52 %  612/1180 objects  1 min 3 s, 58 s
// left".
std::string bar_line(const std::string& title, std::uint64_t done, std::uint64_t total, const std::string& unit,
                     std::chrono::milliseconds elapsed, int columns);

// Any thread may call it.
class ProgressDisplay final : public Progress {
 public:
  explicit ProgressDisplay(bool terminal) : terminal_(terminal) {}
  ~ProgressDisplay() override;
  void begin(const std::string& title, std::uint64_t total, const std::string& unit) override;
  void advance(std::uint64_t done) override;
  void end(bool succeeded) override;
  void note(const std::string& line) override;

 private:
  std::chrono::milliseconds elapsed() const;
  void clear_bar();

  std::mutex mutex_;
  bool terminal_;
  bool active_ = false;
  bool drawn_ = false;
  std::string title_;
  std::string unit_;
  std::uint64_t total_ = 0;
  std::uint64_t done_ = 0;
  int next_percent_ = 25;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point last_drawn_;
};

}  // namespace labctl
