// The agent's frames (rootfs/agent/protocol.h) from the host's side. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace labctl {

// The fields of a payload, in order. Numbers are 8 bytes, little-endian.
class Fields {
 public:
  void add(std::uint16_t tag, std::string_view bytes);
  void add_number(std::uint16_t tag, std::uint64_t value);
  std::string encode() const;
  // Stops at the first field that is not whole.
  static Fields decode(std::string_view payload);

  const std::vector<std::pair<std::uint16_t, std::string>>& all() const { return fields_; }
  bool has(std::uint16_t tag) const;
  std::string text(std::uint16_t tag) const;  // "" when absent
  std::uint64_t number(std::uint16_t tag, std::uint64_t otherwise) const;
  static std::uint64_t number_of(std::string_view bytes);  // a field's; 0 where it is no number

 private:
  std::vector<std::pair<std::uint16_t, std::string>> fields_;
};

struct Frame {
  std::uint16_t type = 0;
  std::uint64_t id = 0;
  std::string payload;
};

std::string encode_frame(const Frame& frame);

// Finds frames in a stream that may hold anything else too.
class FrameReader {
 public:
  void feed(std::string_view bytes) { buffer_ += bytes; }
  // The next whole frame; nothing when more bytes are needed.
  std::optional<Frame> next();
  // Bytes that belonged to no frame, so far.
  std::uint64_t skipped() const { return skipped_; }
  // Frames whose header was right and whose payload was not, so far. After a few of them nothing more is read.
  std::uint64_t bad_payloads() const { return bad_payloads_; }

 private:
  static constexpr std::uint64_t max_bad_payloads = 8;

  std::string buffer_;
  std::size_t begin_ = 0;  // of what has not been looked at
  std::uint64_t skipped_ = 0;
  std::uint64_t bad_payloads_ = 0;
};

}  // namespace labctl
