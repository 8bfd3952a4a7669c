#include "diagnose/injected_failure.hpp"

#include <algorithm>

#include "frames.hpp"
#include "scan.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

constexpr std::size_t max_records = 150;  // from the announcing line on; a stack trace has 64 frames at most

// "<TASK>", "</TASK>", "<IRQ>": where one stack goes on on another.
bool is_stack_mark(std::string_view line) {
  return line.find('<') != std::string_view::npos && line.ends_with('>');
}

// Of an unsure frame, also of one that is only an address: "? 0xffffffffa0008000".
bool is_unsure(std::string_view line) {
  return without_blanks(line).starts_with("? ");
}

}  // namespace

std::optional<std::vector<StackFrame>> find_injected_failure(const std::vector<KmsgRecord>& log, std::size_t begin,
                                                             std::size_t end) {
  end = std::min(end, log.size());
  const auto first = std::find_if(log.begin() + static_cast<std::ptrdiff_t>(std::min(begin, end)),
                                  log.begin() + static_cast<std::ptrdiff_t>(end), [](const KmsgRecord& record) {
                                    return record.facility == 0 && record.text.starts_with("FAULT_INJECTION: forcing");
                                  });
  const auto at = static_cast<std::size_t>(first - log.begin());
  if (at >= end) return std::nullopt;
  std::vector<StackFrame> trace;
  bool in_trace = false;
  for (std::size_t i = at; i < std::min(end, at + max_records); ++i) {
    if (log[i].facility != 0 || log[i].caller != first->caller) continue;
    for (const std::string_view line : split_lines(log[i].text)) {
      if (line.starts_with("Call Trace:")) {
        in_trace = true;
        continue;
      }
      if (!in_trace || is_stack_mark(line) || is_unsure(line)) continue;
      auto frame = stack_frame(line);
      if (!frame) return trace;
      trace.push_back(std::move(*frame));
    }
  }
  return trace;
}

}  // namespace labctl
