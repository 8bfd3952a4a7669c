#include "diagnose/injected_failure.hpp"

#include <algorithm>

#include "frames.hpp"
#include "scan.hpp"
#include "support/text.hpp"

namespace labctl {
namespace {

// Of the caller's own, from the announcing line on. A stack trace on x86 has no limit of its own but the stack's, and
// the kernel prints what it is not sure of as well.
constexpr std::size_t max_records = 2000;

// "<TASK>", "</TASK>", "<IRQ>": where one stack goes on on another.
bool is_stack_mark(std::string_view line) {
  return line.find('<') != std::string_view::npos && line.ends_with('>');
}

// Of an unsure frame, also of one that is only an address: "? 0xffffffffa0008000".
bool is_unsure(std::string_view line) {
  return without_blanks(line).starts_with("? ");
}

bool has(const std::vector<StackFrame>& trace, std::string_view function) {
  return std::any_of(trace.begin(), trace.end(), [&](const StackFrame& frame) {
    return frame.module.empty() && std::string_view(frame.function).substr(0, frame.function.find('.')) == function;
  });
}

// The frames below "Call Trace:", line by line.
class Trace {
 public:
  // False: the trace is over.
  bool add(std::string_view line) {
    if (!begun_) {
      begun_ = line.starts_with("Call Trace:");
      return true;
    }
    if (is_stack_mark(line)) return true;
    if (is_unsure(line)) {
      auto frame = stack_frame(without_blanks(line).substr(2));
      if (frame && has({*frame}, "do_one_initcall")) unsure_init_ = std::move(frame);
      return true;
    }
    auto frame = stack_frame(line);
    whole_ = !frame;
    if (frame) frames_.push_back(std::move(*frame));
    return !whole_;
  }

  std::vector<StackFrame> take() {
    // Where the kernel is sure how init's caller was reached, a mark of init is left from before.
    if (unsure_init_ && !has(frames_, "do_one_initcall") && !has(frames_, "do_init_module") &&
        !has(frames_, "load_module"))
      frames_.push_back(std::move(*unsure_init_));
    // Of a trace that was cut nobody knows where it leads.
    if (!whole_ && !has(frames_, "do_one_initcall")) return {};
    return std::move(frames_);
  }

 private:
  bool begun_ = false;
  bool whole_ = false;
  std::vector<StackFrame> frames_;
  std::optional<StackFrame> unsure_init_;
};

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
  Trace trace;
  std::size_t records = 0;
  for (std::size_t i = at; i < end && records < max_records; ++i) {
    if (log[i].facility != 0 || log[i].caller != first->caller) continue;
    ++records;
    for (const std::string_view line : split_lines(log[i].text))
      if (!trace.add(line)) return trace.take();
  }
  return trace.take();
}

}  // namespace labctl
