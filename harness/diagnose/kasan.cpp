// mm/kasan/report.c and report_generic.c of 5.4 and 6.1; mm/kfence/report.c.
#include <algorithm>

#include "details.hpp"
#include "frames.hpp"
#include "scan.hpp"

namespace labctl {
namespace {

using Side = MemoryObject::Side;

// "by task agent/61"; a task's name may hold anything but its own end.
void take_task(KernelReport& report, std::string_view text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos) return;
  std::string_view digits = text.substr(slash + 1);
  const auto pid = take_decimal(digits);
  if (!pid || *pid > 1U << 30) return;
  report.process = text.substr(0, slash);
  report.pid = static_cast<int>(*pid);
}

std::string_view region_of(std::string_view title) {
  static constexpr std::string_view regions[] = {"slab", "stack", "alloca", "global", "vmalloc"};
  for (const auto region : regions) {
    if (title.find(std::string("KASAN: ") + std::string(region) + "-") != std::string_view::npos) return region;
  }
  return {};
}

// "[32, 42) 'line'": an object in the frame of a function.
struct FrameObject {
  std::uint64_t begin = 0, end = 0;
  std::string_view name;
};

std::optional<FrameObject> frame_object(std::string_view line) {
  FrameObject object;
  if (!skip(line, "[")) return std::nullopt;
  const auto begin = take_decimal(line);
  if (!begin || !skip(line, ", ")) return std::nullopt;
  const auto end = take_decimal(line);
  if (!end || *end < *begin || !skip(line, ") '")) return std::nullopt;
  object.begin = *begin;
  object.end = *end;
  object.name = line.substr(0, line.find_first_of(":'"));  // "'line:12'" where the compiler knows the line
  return object;
}

}  // namespace

KasanReader::KasanReader(KernelReport& report) : report_(report) {
  if (report.kind.starts_with("kasan")) report_.region = region_of(report.title);
}

bool KasanReader::read(std::string_view line) {
  line = without_blanks(line);
  if (variable_next_) {
    variable_next_ = false;
    if (const auto variable = stack_frame(line)) {
      if (!report_.object) report_.object.emplace();
      report_.object->variable = variable->function;
      report_.object->distance = variable->offset;
    }
    return true;
  }
  // "Allocated by task 61:", "freed by task 61 on cpu 0 at 1.2s:"; "Last potentially related work creation:" names
  // neither, nor does the owner of the page.
  if (line.ends_with(':')) {
    if (line.starts_with("Allocated by ") || line.starts_with("allocated by ")) {
      frames_ = &report_.alloc_trace;
      return true;
    }
    if (line.starts_with("Freed by ") || line.starts_with("freed by ")) {
      frames_ = &report_.free_trace;
      return true;
    }
  }
  if (line.empty() || !(stack_frame(line) || is_unsure_frame(line))) frames_ = nullptr;

  for (const auto& [begins, mode] : {std::pair<std::string_view, MemoryAccess::Mode>{"Read", MemoryAccess::Mode::read},
                                     {"Write", MemoryAccess::Mode::write}}) {
    std::string_view rest = line;
    if (!skip(rest, begins) || !skip(rest, " of size ")) continue;
    const auto size = take_decimal(rest);
    if (!size || !skip(rest, " at addr ")) continue;
    const auto address = take_hexadecimal(rest);
    if (!address) continue;
    report_.access = MemoryAccess{mode, *size, *address};
    if (skip(rest, " by task ")) take_task(report_, rest);
    return true;
  }
  std::string_view rest = line;
  if (skip(rest, "Free of addr ")) {  // 6.1, of a wrong free
    if (const auto address = take_hexadecimal(rest)) {
      report_.access = MemoryAccess{MemoryAccess::Mode::unknown, 0, *address};
      if (skip(rest, " by task ")) take_task(report_, rest);
    }
    return true;
  }
  return read_object(line) || read_stack_object(line);
}

bool KasanReader::read_object(std::string_view line) {
  std::string_view rest = line;
  if (skip(rest, "which belongs to the cache ")) {
    const auto size_at = rest.find(" of size ");
    if (size_at == std::string_view::npos) return true;
    if (!report_.object) report_.object.emplace();
    report_.object->cache = rest.substr(0, size_at);
    rest.remove_prefix(size_at + 9);
    report_.object->size = take_decimal(rest).value_or(0);
    if (report_.region.empty()) report_.region = "slab";
    return true;
  }
  if (skip(rest, "The buggy address is located ")) {
    // "... 8 bytes inside of" (5.4, 6.1), "... 0 bytes to the right of"; what of is in the next line
    const auto distance = take_decimal(rest);
    if (!distance || !skip(rest, " bytes ")) return true;
    if (!report_.object) report_.object.emplace();
    located_ = true;
    report_.object->distance = *distance;
    report_.object->side = rest.starts_with("to the left")    ? Side::left
                           : rest.starts_with("to the right") ? Side::right
                                                              : Side::inside;
    return true;
  }
  if (line.find("-byte region [") != std::string_view::npos) {
    skip(rest, "allocated ");
    skip(rest, "freed ");
    if (const auto size = take_decimal(rest); size && report_.object && rest.starts_with("-byte region ["))
      report_.object->size = *size;
    return true;
  }
  if (line == "The buggy address belongs to the variable:") {
    variable_next_ = true;
    return true;
  }
  if (line.starts_with("The buggy address belongs to the page:") ||
      line.starts_with("The buggy address belongs to the physical page:")) {
    if (report_.region.empty() && !report_.object && report_.kind == "kasan-use-after-free") report_.region = "page";
    return true;
  }
  if (line.starts_with("The buggy address belongs to the virtual mapping at")) {
    if (report_.region.empty()) report_.region = "vmalloc";
    return true;
  }
  return false;
}

bool KasanReader::read_stack_object(std::string_view line) {
  // "addr X is located in stack of task agent/61 at offset 42 in frame:" (5.4), "and is located at offset 42 in
  // frame:" (6.1)
  if (line.ends_with(" in frame:")) {
    if (auto digits = between(line, " at offset ", " in frame:")) in_frame_ = take_decimal(*digits);
    if (report_.region.empty()) report_.region = "stack";
    return true;
  }
  if (!in_frame_) return false;
  const auto seen = frame_object(line);
  if (!seen) return false;
  MemoryObject object;
  object.variable = seen->name;
  object.size = seen->end - seen->begin;
  object.side = *in_frame_ < seen->begin ? Side::left : *in_frame_ < seen->end ? Side::inside : Side::right;
  object.distance = object.side == Side::right  ? *in_frame_ - seen->end
                    : object.side == Side::left ? seen->begin - *in_frame_
                                                : *in_frame_ - seen->begin;
  // The nearest is the one that was missed; one that ends before the access rather than one that begins after it.
  const auto rank = [](const MemoryObject& one) { return one.side == Side::inside ? 0 : one.distance + 1; };
  const bool nearer = !report_.object || rank(object) < rank(*report_.object) ||
                      (rank(object) == rank(*report_.object) && object.side == Side::right);
  if (nearer) report_.object = object;
  return true;
}

void KasanReader::finish() {
  // 5.4 has one title for both. Freed twice is what began where the object begins.
  if (report_.title.find("double-free or invalid-free") == std::string::npos) return;
  const auto& object = report_.object;
  if (located_ && object->side == Side::inside && object->distance == 0 && !report_.free_trace.empty())
    report_.kind = "kasan-double-free";
}

}  // namespace labctl
