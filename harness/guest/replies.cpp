#include "replies.hpp"

#include <algorithm>
#include <charconv>

#include "agent/protocol.h"
#include "guest/kmsg.hpp"

namespace labctl {

namespace {

// ".text 0xffffffffc0000000"
LoadedCode::Section section_of(std::string_view text) {
  const auto blank = text.find(' ');
  LoadedCode::Section section{std::string(text.substr(0, blank)), 0};
  text.remove_prefix(blank == std::string_view::npos ? text.size() : std::min(text.size(), blank + 3));
  std::from_chars(text.data(), text.data() + text.size(), section.address, 16);
  return section;
}

}  // namespace

Ending ending_in(const Fields& reply) {
  if (reply.has(TAG_KILLED_BY)) return Ending::killed;
  if (reply.has(TAG_TIMED_OUT)) return Ending::timed_out;
  // Without an errno the process that did it vanished without an answer.
  return reply.has(TAG_ERRNO) ? Ending::completed : Ending::tampered;
}

Hang hang_in(const Fields& reply) {
  Hang hang;
  for (const auto& [tag, bytes] : reply.all()) {
    if (tag == TAG_RECORD)
      if (auto record = parse_kmsg(bytes)) hang.said.push_back(std::move(*record));
    if (tag == TAG_TASK) hang.tasks.push_back({static_cast<int>(Fields::number_of(bytes)), "", 0, false, ""});
    if (hang.tasks.empty()) continue;
    StuckTask& task = hang.tasks.back();
    if (tag == TAG_NAME) task.name = bytes;
    if (tag == TAG_STATE && !bytes.empty()) task.state = bytes.front();
    if (tag == TAG_OWN) task.own = Fields::number_of(bytes) != 0;
    if (tag == TAG_STACK) task.stack = bytes;
  }
  return hang;
}

void fill(Observation& seen, const Action& action, const Fields& reply) {
  seen.ending = ending_in(reply);
  seen.error_number = static_cast<int>(reply.number(TAG_ERRNO, 0));
  seen.took = std::chrono::microseconds(reply.number(TAG_TOOK_US, 0));
  seen.at = std::chrono::microseconds(reply.number(TAG_AT_US, 0));
  seen.result = static_cast<std::int64_t>(reply.number(TAG_RESULT, 0));
  seen.data = reply.text(TAG_DATA);
  seen.bytes_written = reply.number(TAG_BYTES, 0);
  seen.exit_status = static_cast<int>(reply.number(TAG_EXIT, 0));
  seen.exit_signal = static_cast<int>(reply.number(TAG_SIGNAL, 0));
  seen.standard_output = reply.text(TAG_STDOUT);
  seen.standard_error = reply.text(TAG_STDERR);
  seen.truncated = reply.has(TAG_TRUNCATED);
  seen.parts_written = reply.number(TAG_PARTS, 0);
  if (reply.has(TAG_FAIL_NTH)) seen.allocations_left = static_cast<std::uint32_t>(reply.number(TAG_FAIL_NTH, 0));
  if (const auto* load = std::get_if<LoadStep>(&action)) {
    seen.loaded = LoadedCode{load->module, {}};
    for (const auto& [tag, bytes] : reply.all())
      if (tag == TAG_SECTION) seen.loaded->sections.push_back(section_of(bytes));
  }
  if (seen.ending == Ending::killed) seen.killed_by = static_cast<int>(reply.number(TAG_KILLED_BY, 0));
  // A program past its limit was ended like any other; an action of the kernel's own has no such thing.
  if (seen.ending == Ending::timed_out) {
    seen.program_timed_out = std::holds_alternative<RunStep>(action);
    seen.hang = hang_in(reply);
  }
}

}  // namespace labctl
