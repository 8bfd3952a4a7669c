#include "progress_display.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "support/text.hpp"

namespace labctl {

using std::chrono::milliseconds;

std::string bar_line(const std::string& title, std::uint64_t done, std::uint64_t total, const std::string& unit,
                     milliseconds elapsed, int columns) {
  const auto width = static_cast<std::size_t>(std::max(columns, 20));
  if (total == 0) return fmt::format("{}  {} {}  {}", title, done, unit, human_duration(elapsed)).substr(0, width);
  // The total is an estimate: never show more than all of it.
  const std::uint64_t shown = std::min(done, total);
  const double part = static_cast<double>(shown) / static_cast<double>(total);
  std::string left;
  if (part > 0.02 && part < 1.0)
    left = fmt::format(
        ", {} left",
        human_duration(milliseconds(
            static_cast<std::int64_t>(static_cast<double>(elapsed.count()) * (1 - part) / part) / 1000 * 1000)));
  const std::string tail = fmt::format("  {:3.0f} %  {}/{} {}  {}{}", part * 100, shown, total, unit,
                                       human_duration(milliseconds(elapsed.count() / 1000 * 1000)), left);
  std::string bar;
  if (title.size() + tail.size() + 14 < width) {
    const std::size_t cells = std::min<std::size_t>(30, width - title.size() - tail.size() - 5);
    const auto full = static_cast<std::size_t>(part * static_cast<double>(cells));
    bar = "  [" + std::string(full, '=') + (full < cells ? ">" : "") +
          std::string(cells - std::min(cells, full + 1), ' ') + "]";
  }
  return (title + bar + tail).substr(0, width);
}

namespace {

int terminal_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col - 1;
  return 79;
}

}  // namespace

ProgressDisplay::~ProgressDisplay() {
  clear_bar();
}

milliseconds ProgressDisplay::elapsed() const {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began_);
}

void ProgressDisplay::clear_bar() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

void ProgressDisplay::begin(const std::string& title, std::uint64_t total, const std::string& unit) {
  const std::lock_guard lock(mutex_);
  title_ = title;
  total_ = total;
  unit_ = unit;
  done_ = 0;
  next_percent_ = 25;
  began_ = last_drawn_ = std::chrono::steady_clock::now();
  active_ = true;
  if (!terminal_) fmt::print(stderr, "{} ...\n", title);
}

void ProgressDisplay::advance(std::uint64_t done) {
  const std::lock_guard lock(mutex_);
  done_ = done;
  const auto now = std::chrono::steady_clock::now();
  if (terminal_) {
    if (now - last_drawn_ < milliseconds(100)) return;
    last_drawn_ = now;
    fmt::print(stderr, "\r{}\x1b[K", bar_line(title_, done, total_, unit_, elapsed(), terminal_columns()));
    drawn_ = true;
    return;
  }
  if (total_ == 0) return;
  const int percent = static_cast<int>(std::min<std::uint64_t>(99, done * 100 / total_));
  if (percent < next_percent_) return;
  fmt::print(stderr, "{}: {} % after {}\n", title_, percent, human_duration(elapsed()));
  next_percent_ = percent / 25 * 25 + 25;
}

void ProgressDisplay::end(bool succeeded) {
  const std::lock_guard lock(mutex_);
  if (!active_) return;
  clear_bar();
  fmt::print(stderr, "{}: {} in {}\n", title_, succeeded ? "done" : "failed", human_duration(elapsed()));
  active_ = false;
}

void ProgressDisplay::note(const std::string& line) {
  const std::lock_guard lock(mutex_);
  clear_bar();
  fmt::print(stderr, "labctl: {}\n", printable(line));
}

}  // namespace labctl
