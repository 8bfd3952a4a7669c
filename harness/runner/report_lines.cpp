#include "report_lines.hpp"

#include <malloc.h>

#include <algorithm>
#include <map>
#include <mutex>
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

// The debug information of a kernel takes 50 MB while it is read, so that all who need it take turns.
std::mutex turns;

class Lines {
 public:
  explicit Lines(const CodeBuilds& builds) : turn_(turns) {
    for (const BuildResult& build : builds.modules)
      if (build.succeeded) code_[kernel_name(build.module)] = {build.ko, &build.sources};
    if (!builds.kernel.empty()) code_[""] = {builds.kernel, &no_sources_};
  }
  ~Lines() {
    const bool was_read = std::any_of(code_.begin(), code_.end(), [](const auto& code) { return code.second.tried; });
    code_.clear();
    // Each thread's heap would keep it.
    if (was_read) ::malloc_trim(0);
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  // Of a frame of a trace the code that runs; of a function that is only named its definition.
  using Places = std::vector<SourcePlace> (CodeSymbols::*)(const StackFrame&) const;

  // loads: in the order in which they were done, before the trace was made.
  void find(std::vector<StackFrame>& trace, const std::vector<const LoadedCode*>& loads,
            Places places = &CodeSymbols::places) {
    for (StackFrame& frame : trace) {
      if (frame.address != 0) name(frame, loads);
      find(frame, places);
    }
    std::erase_if(trace, [](const StackFrame& frame) { return frame.function.empty(); });
  }

 private:
  struct Code {
    std::filesystem::path file;
    const std::vector<BuiltSource>* sources = nullptr;
    bool tried = false;
    std::optional<CodeSymbols> symbols = {};
  };

  // A module's code, or the kernel's; null where it is none of these, or its symbols cannot be read.
  const Code* code(const std::string& module) {
    const auto found = code_.find(module);
    if (found == code_.end()) return nullptr;
    Code& code = found->second;
    if (!code.tried) {
      code.tried = true;
      if (auto symbols = CodeSymbols::open(code.file)) code.symbols = std::move(*symbols);
    }
    return code.symbols ? &code : nullptr;
  }

  // Where one module has gone another may be loaded: the last one counts. A load that failed has left no address, but
  // what a call's place on its page says is better than nothing.
  void name(StackFrame& frame, const std::vector<const LoadedCode*>& loads) {
    for (const bool address_known : {true, false})
      for (auto load = loads.rbegin(); load != loads.rend(); ++load) {
        const std::string name = kernel_name((*load)->module);
        const Code* known = (*load)->sections.empty() != address_known ? code(name) : nullptr;
        if (known == nullptr) continue;
        if (auto named = address_known ? frame_in(**load, *known->symbols, frame) : call_at(*known->symbols, frame)) {
          frame = std::move(*named);
          frame.module = name;
          return;
        }
      }
  }

  static std::optional<StackFrame> frame_in(const LoadedCode& load, const CodeSymbols& symbols,
                                            const StackFrame& frame) {
    for (const auto& [section, address] : load.sections)
      if (address != 0 && frame.address >= address)
        if (auto named = symbols.frame_at(section, frame.address - address, frame.exact)) return named;
    return std::nullopt;
  }

  static std::optional<StackFrame> call_at(const CodeSymbols& symbols, const StackFrame& frame) {
    return frame.exact ? std::nullopt : symbols.call_on_page(frame.address);
  }

  void find(StackFrame& frame, Places places) {
    const Code* known = frame.inlined ? nullptr : code(frame.module);
    if (known == nullptr) return;
    for (const SourcePlace& place : (*known->symbols.*places)(frame))
      frame.source.push_back(source_line(place, *known->sources));
  }

  static inline const std::vector<BuiltSource> no_sources_;
  const std::lock_guard<std::mutex> turn_;
  std::map<std::string, Code> code_;  // by the module's name; "": the kernel
};

template <class Counts>
std::vector<const LoadedCode*> loads_that(const std::vector<Observation>& steps, const Counts& counts) {
  std::vector<const LoadedCode*> loads;
  for (const Observation& seen : steps)
    if (seen.loaded && counts(seen)) loads.push_back(&*seen.loaded);
  return loads;
}

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
  // The kernel's headers are named from its folder, "/kernel/./include/linux/list.h", or from where it was built,
  // "./include/linux/list.h".
  const auto own = place.file.find("/./");
  line.file = own == std::string::npos ? std::filesystem::path(place.file).lexically_normal()
                                       : std::filesystem::path(place.file.substr(own + 3));
  return line;
}

void find_lines(std::vector<KernelReport>& reports, const std::vector<Observation>& steps, const CodeBuilds& builds) {
  Lines lines(builds);
  for (KernelReport& report : reports) {
    const auto loads = loads_that(steps, [&](const Observation& seen) { return seen.log_begin <= report.log_begin; });
    for (auto* trace : {&report.trace, &report.alloc_trace, &report.free_trace})
      lines.find(*trace, loads);
    lines.find(report.callback, loads, &CodeSymbols::definition);
    for (LockSide& side : report.locks)
      lines.find(side.trace, loads);
  }
}

void find_lines(std::vector<StackFrame>& trace, const CodeBuilds& builds) {
  Lines(builds).find(trace, {});
}

void find_lines(std::vector<LeakedObject>& leaks, const std::vector<Observation>& steps, const CodeBuilds& builds) {
  Lines lines(builds);
  for (LeakedObject& object : leaks)
    lines.find(object.trace,
               loads_that(steps, [&](const Observation& seen) { return seen.at - seen.took <= object.allocated; }));
}

}  // namespace labctl
