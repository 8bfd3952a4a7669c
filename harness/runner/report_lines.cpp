#include "report_lines.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "support/text.hpp"

namespace labctl {
namespace {

// As the kernel prints it: kbuild makes a name in C of it.
std::string kernel_name(std::string module) {
  std::replace(module.begin(), module.end(), '-', '_');
  return module;
}

std::string line_of(const std::string& bytes, int number) {
  const auto lines = split_lines(bytes);
  if (number < 1 || static_cast<std::size_t>(number) > lines.size()) return {};
  return std::string(lines[static_cast<std::size_t>(number) - 1]);
}

class Lines {
 public:
  explicit Lines(const std::vector<BuildResult>& builds) {
    for (const BuildResult& build : builds)
      if (build.succeeded) modules_[kernel_name(build.module)].build = &build;
  }

  void find(std::vector<StackFrame>& trace) {
    for (StackFrame& frame : trace)
      find(frame);
  }

 private:
  struct Module {
    const BuildResult* build = nullptr;
    bool tried = false;
    std::optional<ModuleSymbols> symbols = {};
  };

  void find(StackFrame& frame) {
    const auto found = modules_.find(frame.module);
    if (frame.module.empty() || found == modules_.end() || frame.inlined) return;
    Module& module = found->second;
    if (!module.tried) {
      module.tried = true;
      if (auto symbols = ModuleSymbols::open(module.build->ko)) module.symbols = std::move(*symbols);
    }
    if (!module.symbols) return;
    for (const SourcePlace& place : module.symbols->places(frame))
      frame.source.push_back(source_line(place, module.build->sources));
  }

  std::map<std::string, Module> modules_;
};

}  // namespace

SourceLine source_line(const SourcePlace& place, const std::vector<BuiltSource>& sources) {
  const BuiltSource* source = nullptr;
  for (const BuiltSource& one : sources) {
    const bool named = place.file == one.name || place.file.ends_with("/" + one.name);
    if (named && (source == nullptr || source->name.size() < one.name.size())) source = &one;
  }
  SourceLine line{place.function, {}, place.line, {}};
  if (source != nullptr) {
    line.file = source->shown;
    line.text = line_of(source->bytes, place.line);
    return line;
  }
  // The kernel's headers are named from its folder: "/kernel/./include/linux/list.h".
  const auto own = place.file.find("/./");
  line.file = own == std::string::npos ? place.file : place.file.substr(own + 3);
  return line;
}

void find_lines(std::vector<KernelReport>& reports, const std::vector<BuildResult>& builds) {
  Lines lines(builds);
  for (KernelReport& report : reports) {
    lines.find(report.trace);
    lines.find(report.alloc_trace);
    lines.find(report.free_trace);
    for (LockSide& side : report.locks)
      lines.find(side.trace);
  }
}

void find_lines(std::vector<StackFrame>& trace, const std::vector<BuildResult>& builds) {
  Lines(builds).find(trace);
}

}  // namespace labctl
