// kernel/locking/lockdep.c of 5.4 and 6.1.
#include <algorithm>

#include "details.hpp"
#include "frames.hpp"
#include "scan.hpp"

namespace labctl {
namespace {

// "(&dev->lock){+.+.}-{3:3}, at: f+0x1/0x2": a lock's name and where it was taken.
struct LockLine {
  std::string_view lock;
  std::string_view place;  // empty: not said
};

std::optional<LockLine> lock_line(std::string_view line) {
  line = without_blanks(line);
  // The address of the lock, hashed or not.
  if (!line.starts_with('(')) {
    if (!take_hexadecimal(line) || !skip(line, " ")) return std::nullopt;
    line = without_blanks(line);
    if (!line.starts_with('(')) return std::nullopt;
  }
  // Names may have parentheses of their own: "((work_completion)(&dev->work))".
  const auto close = line.find("){");
  if (close == std::string_view::npos) return std::nullopt;
  LockLine found{line.substr(1, close - 1), {}};
  if (const auto at = line.find(", at: ", close); at != std::string_view::npos) found.place = line.substr(at + 6);
  return found;
}

}  // namespace

std::vector<StackFrame>* LockdepReader::frames() const {
  return collects_ ? &report_.locks[last_].trace : nullptr;
}

void LockdepReader::mention(std::string_view lock, std::string_view place) {
  auto found = std::find_if(report_.locks.begin(), report_.locks.end(),
                            [lock](const LockSide& side) { return side.lock == lock; });
  // A lock that is taken twice has the same name twice.
  if (report_.kind == "lockdep-recursive") found = report_.locks.end();
  if (found == report_.locks.end()) {
    if (report_.locks.size() >= 32) return;
    report_.locks.push_back({std::string(lock), {}});
    found = std::prev(report_.locks.end());
  }
  last_ = static_cast<std::size_t>(found - report_.locks.begin());
  const auto frame = stack_frame(place);
  if (frame && found->trace.empty()) found->trace.push_back(*frame);
}

bool LockdepReader::read(std::string_view raw) {
  const std::string_view line = without_blanks(raw);
  if (line.empty()) {
    collects_ = false;
    return true;
  }
  std::string_view rest = line;
  if (skip(rest, "-> #")) {  // a link of the chain, the newest first
    const bool numbered = take_decimal(rest).has_value();
    const auto lock = lock_line(rest);
    if (!numbered || !lock) return false;
    if (!chain_) report_.locks.clear();
    chain_ = true;
    ignored_ = false;
    collects_ = report_.locks.size() < 32;
    if (collects_) {
      report_.locks.push_back({std::string(lock->lock), {}});
      last_ = report_.locks.size() - 1;
    }
    return true;
  }
  // "the dependencies between X-irq-safe lock and the holding lock:" lists every use of every lock on the way.
  if (line.starts_with("the dependencies between ") || line.starts_with("the shortest dependencies between ") ||
      line.starts_with("other info that might help us debug this:") || line.starts_with("stack backtrace:")) {
    ignored_ = true;
    held_ = collects_ = false;
    return true;
  }
  // "1 lock held by agent/61:" is the matter itself where a lock was kept, and else repeats what was said.
  if (line.find(" held by ") != std::string_view::npos && line.ends_with(':')) {
    held_ = report_.kind == "lockdep-held-at-return" || report_.kind == "lockdep-held-at-exit";
    ignored_ = !held_;
    collects_ = false;
    return true;
  }
  if (held_) {
    rest = line;
    if (!skip(rest, "#") || !take_decimal(rest) || !skip(rest, ": ")) return false;
    if (const auto lock = lock_line(rest)) mention(lock->lock, lock->place);
    return true;
  }
  if (chain_ || ignored_) return false;
  // "agent/61 is trying to release lock (counter_lock) at:"
  if (const auto lock = between(line, "trying to release lock (", ") at:")) {
    mention(*lock, {});
    collects_ = !report_.locks.empty();
    return true;
  }
  // "... which became SOFTIRQ-irq-safe at:", "{SOFTIRQ-ON-W} state was registered at:"
  if (line.ends_with(" at:") && !report_.locks.empty() && report_.locks.size() < 32 &&
      (line.find("which became ") != std::string_view::npos ||
       line.find("state was registered") != std::string_view::npos)) {
    // Of a lock in an inconsistent state there are two places: where it is taken now, and where it was before.
    if (report_.kind == "lockdep-inconsistent-state") {
      report_.locks.push_back({report_.locks[last_].lock, {}});
      last_ = report_.locks.size() - 1;
    }
    report_.locks[last_].trace.clear();
    collects_ = true;
    return true;
  }
  if (const auto lock = lock_line(line)) {
    mention(lock->lock, lock->place);
    collects_ = false;
    return true;
  }
  return false;
}

}  // namespace labctl
