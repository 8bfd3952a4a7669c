// Decompresses a file in a thread of its own, so that unpacking 1.4 GB of kernel uses both cores.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "support/fd.hpp"
#include "support/result.hpp"

namespace labctl {

class Decompressor {
 public:
  // Fault::usage when the file cannot be opened.
  static Result<std::unique_ptr<Decompressor>> open(const std::filesystem::path& file);
  // Ends the thread, whether or not everything was read.
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  // The decompressed bytes, then end of file; after an error they end early.
  int fd() const { return read_end_.get(); }
  // Bytes of the compressed file handled so far.
  std::uint64_t done() const { return done_; }
  // Stops reading; waits for the thread. What went wrong in it, or "". Call once.
  std::string finish();

 private:
  Decompressor() = default;
  void run(std::filesystem::path file);

  Fd read_end_;
  Fd write_end_;
  std::thread thread_;
  std::atomic<std::uint64_t> done_ = 0;
  std::string error_;  // the thread's until it is joined
};

}  // namespace labctl
