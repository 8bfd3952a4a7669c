#include "guest/frame.hpp"

#include <algorithm>

#include "agent/protocol.h"

namespace labctl {

namespace {

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

void Fields::add(std::uint16_t tag, std::string_view bytes) {
  fields_.emplace_back(tag, bytes);
}

void Fields::add_number(std::uint16_t tag, std::uint64_t value) {
  unsigned char bytes[8];
  agent_put_u64(bytes, value);
  fields_.emplace_back(tag, std::string(reinterpret_cast<char*>(bytes), sizeof bytes));
}

std::string Fields::encode() const {
  std::string payload;
  for (const auto& [tag, bytes] : fields_) {
    unsigned char head[6];
    agent_put_u16(head, tag);
    agent_put_u32(head + 2, static_cast<std::uint32_t>(bytes.size()));
    payload.append(reinterpret_cast<char*>(head), sizeof head);
    payload += bytes;
  }
  return payload;
}

Fields Fields::decode(std::string_view payload) {
  Fields fields;
  while (payload.size() >= 6) {
    const std::uint16_t tag = agent_get_u16(raw(payload));
    const std::uint32_t length = agent_get_u32(raw(payload) + 2);
    if (length > payload.size() - 6) break;
    fields.add(tag, payload.substr(6, length));
    payload.remove_prefix(6 + length);
  }
  return fields;
}

bool Fields::has(std::uint16_t tag) const {
  return std::any_of(fields_.begin(), fields_.end(), [&](const auto& field) { return field.first == tag; });
}

std::string Fields::text(std::uint16_t tag) const {
  for (const auto& [have, bytes] : fields_)
    if (have == tag) return bytes;
  return {};
}

std::uint64_t Fields::number(std::uint16_t tag, std::uint64_t otherwise) const {
  for (const auto& [have, bytes] : fields_)
    if (have == tag && bytes.size() == 8) return number_of(bytes);
  return otherwise;
}

std::uint64_t Fields::number_of(std::string_view bytes) {
  return bytes.size() == 8 ? agent_get_u64(raw(bytes)) : 0;
}

std::string encode_frame(const Frame& frame) {
  unsigned char header[AGENT_HEADER_BYTES];
  agent_make_header(header, frame.type, frame.id, frame.payload.data(),
                    static_cast<std::uint32_t>(frame.payload.size()));
  return std::string(reinterpret_cast<char*>(header), sizeof header) + frame.payload;
}

std::optional<Frame> FrameReader::next() {
  std::optional<Frame> found;
  while (!found && buffer_.size() - begin_ >= AGENT_HEADER_BYTES) {
    const unsigned char* header = raw(buffer_) + begin_;
    if (!agent_header_valid(header)) {
      ++begin_;
      ++skipped_;
      continue;
    }
    const std::uint32_t length = agent_get_u32(header + 16);
    if (buffer_.size() - begin_ - AGENT_HEADER_BYTES < length) break;
    const unsigned char* payload = header + AGENT_HEADER_BYTES;
    if (agent_crc32(0, payload, length) != agent_get_u32(header + 20)) {
      // Each costs a checksum of up to 4 MiB: a stream made of them must not keep us busy.
      ++skipped_;
      begin_ = ++bad_payloads_ < max_bad_payloads ? begin_ + 1 : buffer_.size();
      continue;
    }
    found = Frame{agent_get_u16(header + 4), agent_get_u64(header + 8),
                  std::string(reinterpret_cast<const char*>(payload), length)};
    begin_ += AGENT_HEADER_BYTES + length;
  }
  // Moving what is left is work too: done now and then.
  if (begin_ == buffer_.size() || begin_ > (1U << 20)) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  return found;
}

}  // namespace labctl
