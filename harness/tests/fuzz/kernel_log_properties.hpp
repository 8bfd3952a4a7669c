// What must hold of the reports found in any log, whatever its bytes.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "diagnose/diagnose.hpp"
#include "diagnose/hang.hpp"
#include "diagnose/injected_failure.hpp"
#include "diagnose/kmemleak.hpp"

namespace labctl::fuzz {

inline bool are_frames(const std::vector<StackFrame>& trace) {
  return std::all_of(trace.begin(), trace.end(), [](const StackFrame& frame) {
    return frame.function.empty() == (frame.address != 0) && frame.function.find('\n') == std::string::npos;
  });
}

inline bool frames_fit(const std::vector<StackFrame>& trace) {
  return trace.size() <= 200 && are_frames(trace);
}

// What is wrong with what is made of a kernel's answers to labctl's own questions, or an empty string.
inline std::string answers_fault(const std::string& text, const std::vector<KmsgRecord>& log) {
  if (const auto trace = find_injected_failure(log, 0, log.size()); trace && !are_frames(*trace))
    return "a failed allocation's trace of something else";
  for (const LeakedObject& object : leaked_objects(text, std::chrono::seconds(100)))
    if (!are_frames(object.trace)) return "a leaked object's trace of something else";
  if (interrupt_begin(log) > log.size()) return "an answer behind the log";
  const std::vector<StuckTask> tasks = {{31, "insmod", 'D', true, text}, {39, text.substr(0, 15), 'R', false, text}};
  for (const auto& some : {tasks, std::vector<StuckTask>()})
    for (const KernelReport& report : find_hangs({some, log})) {
      if (!is_hang(report.kind)) return "a hang of the kind " + report.kind;
      if (report.trace.empty() || report.title.find('\n') != std::string::npos) return "a hang that is nowhere";
    }
  return {};
}

// What is wrong with the reports of this console text, or an empty string.
inline std::string kernel_log_fault(const std::string& console) {
  auto log = records_from_console(console);
  for (KmsgRecord& record : log)
    record.level = 4;
  const auto kinds = report_kinds();
  std::size_t begin = 0;
  for (const KernelReport& report : find_reports(log, 0, log.size())) {
    const bool known =
        std::any_of(kinds.begin(), kinds.end(), [&](const ReportKind& k) { return k.name == report.kind; });
    if (!known) return "the unknown kind " + report.kind;
    if (report.log_begin >= report.log_end || report.log_end > log.size()) return "a report outside the log";
    if (report.log_begin < begin) return "reports out of order";
    begin = report.log_begin;
    if (report.title.find('\n') != std::string::npos) return "a title of several lines";
    if (!frames_fit(report.trace) || !frames_fit(report.alloc_trace) || !frames_fit(report.free_trace) ||
        !frames_fit(report.callback))
      return "a stack trace of something else";
    if (report.locks.size() > 32) return "too many locks";
    for (const LockSide& side : report.locks) {
      if (!frames_fit(side.trace)) return "a lock's trace of something else";
    }
    if (report.corrupted && report.suspect) return "a corrupted trace that clears a module";
    if (const auto* frame = blamed_frame(report, {"bad"}); frame != nullptr && frame->module != "bad")
      return "the wrong module to blame";
  }
  return answers_fault(console, log);
}

}  // namespace labctl::fuzz
