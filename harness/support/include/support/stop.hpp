// Interruption: one token that every wait watches.
#pragma once

#include <chrono>

#include "support/fd.hpp"

namespace labctl {

// fd() becomes readable, for ever, once stop is requested; watch it in every poll().
class StopToken {
 public:
  StopToken() = default;  // never stops
  explicit StopToken(int fd) : fd_(fd) {}
  int fd() const { return fd_; }
  bool requested() const;
  // Whether stop is requested within that time, or has been.
  bool requested_within(std::chrono::milliseconds time) const;

 private:
  int fd_ = -1;
};

// The writing end. install_signal_handlers() ties it to SIGINT, SIGTERM and SIGHUP; a process has at most one such
// source (signal handlers are process-wide). SIGPIPE is ignored from then on.
class StopSource {
 public:
  StopSource();
  StopSource(const StopSource&) = delete;
  StopSource& operator=(const StopSource&) = delete;
  ~StopSource();
  StopToken token() const { return StopToken(read_end_.get()); }
  void request();  // async-signal-safe
  void install_signal_handlers();

 private:
  Fd read_end_;
  Fd write_end_;
};

}  // namespace labctl
