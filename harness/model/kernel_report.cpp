#include "model/kernel_report.hpp"

#include <algorithm>

namespace labctl {

const SourceLine* own_line(const std::vector<StackFrame>& trace) {
  for (const StackFrame& frame : trace)
    for (const SourceLine& line : frame.source)
      if (!line.text.empty() && !frame.interrupted) return &line;
  return nullptr;
}

std::vector<StackFrame>::const_iterator module_frame(const std::vector<StackFrame>& trace) {
  return std::find_if(trace.begin(), trace.end(),
                      [](const StackFrame& frame) { return !frame.module.empty() && !frame.interrupted; });
}

const StackFrame* blamed_frame(const KernelReport& report, const std::vector<std::string>& modules) {
  std::vector<const std::vector<StackFrame>*> traces = {&report.trace};
  for (const LockSide& side : report.locks)
    traces.push_back(&side.trace);
  traces.push_back(&report.free_trace);
  traces.push_back(&report.alloc_trace);
  for (const auto* trace : traces) {
    for (const StackFrame& frame : *trace) {
      if (!frame.interrupted && !frame.module.empty() &&
          std::find(modules.begin(), modules.end(), frame.module) != modules.end())
        return &frame;
    }
  }
  return nullptr;
}

bool is_in_module(const KernelReport& report) {
  return module_frame(report.trace) != report.trace.end();
}

}  // namespace labctl
