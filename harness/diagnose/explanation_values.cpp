#include "explanation_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "diagnose/explanation.hpp"
#include "scan.hpp"

namespace labctl {
namespace {

using Value = std::optional<std::string>;
using Mode = MemoryAccess::Mode;
using Side = MemoryObject::Side;

Value text_unless_empty(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}

Value holds(bool condition) {
  return condition ? Value("") : Value();
}

Value bytes_unless_none(std::uint64_t number) {
  if (number == 0) return {};
  return fmt::format("{} byte{}", number, number == 1 ? "" : "s");
}

// Without what the compiler adds: "kzalloc.constprop.0".
std::string function_name(const StackFrame& frame) {
  return frame.function.substr(0, frame.function.find('.'));
}

// "oob_init (oob.c:40)", or "oob_init" where no lines are known: the innermost place that is a module's.
Value place(const std::vector<StackFrame>& trace) {
  if (const SourceLine* line = own_line(trace))
    return fmt::format("{} ({}:{})", line->function, line->file.filename().string(), line->line);
  const auto frame = module_frame(trace);
  return frame == trace.end() ? Value() : function_name(*frame);
}

Value lock_place(const KernelReport& report, std::size_t index) {
  return index < report.locks.size() ? place(report.locks[index].trace) : Value();
}

bool object_is(const KernelReport& report, Side side) {
  return report.object && report.object->side == side;
}

bool address_known(const KernelReport& report) {
  return report.access && (report.access->address != 0 || report.kind.find("null") != std::string::npos);
}

Value in_title(const KernelReport& report, std::string_view before, std::string_view after) {
  const auto found = between(report.title, before, after);
  return found && !found->empty() ? Value(*found) : Value();
}

// What the title has in quotes, the first or the second.
Value quoted_in_title(const KernelReport& report, int which) {
  std::string_view rest = report.title;
  for (;; --which) {
    const auto found = between(rest, "'", "'");
    if (!found) return {};
    if (which == 0) return std::string(*found);
    rest = rest.substr(static_cast<std::size_t>(found->data() + found->size() - rest.data()) + 1);
  }
}

Value access(const KernelReport& report) {
  if (report.access && report.access->mode == Mode::read) return "read";
  if (report.access && report.access->mode == Mode::write) return "write";
  return {};
}

Value bytes(const KernelReport& report) {
  if (report.kind == "usercopy") {
    const auto size = between(report.title, ", size ", ")");
    if (!size) return {};
    std::string_view digits = *size;
    return bytes_unless_none(take_decimal(digits).value_or(0));
  }
  return report.access ? bytes_unless_none(report.access->bytes) : Value();
}

Value member_offset(const KernelReport& report) {
  constexpr std::uint64_t page = 4096;
  if (!report.access || report.access->address == 0 || report.access->address >= page) return {};
  return std::to_string(report.access->address);
}

Value cache(const KernelReport& report) {
  if (report.object && !report.object->cache.empty()) return report.object->cache;
  if (auto destroyed = in_title(report, "kmem_cache_destroy ", ":")) return destroyed;
  return report.title.starts_with("BUG ") ? in_title(report, "BUG ", " (") : Value();
}

Value request(const KernelReport& report) {
  const auto order = between(report.title, "page allocation failure: order:", ",");
  if (!order) return {};
  std::string_view digits = *order;
  const auto number = take_decimal(digits);
  if (!number || *number > 30) return {};
  return fmt::format("{} KiB", std::uint64_t{4} << *number);
}

Value name(const KernelReport& report) {
  if (auto irq = in_title(report, "irq ", ": nobody cared")) return irq;
  if (auto irq = in_title(report, "irq event ", ": bogus return value")) return irq;
  if (auto device = in_title(report, "waiting for ", " to become free")) return device;
  if (auto type = in_title(report, " object type: ", " hint:")) return type;  // ODEBUG
  return quoted_in_title(report, 0);
}

// In a function of the kernel's that the module called: the trap itself was there, or KASAN names one.
bool happened_in_the_kernel(const KernelReport& report) {
  if (!report.trace.empty() && report.trace.front().exact) return report.trace.front().module.empty();
  return report.kind.starts_with("kasan") && !report.title.ends_with(']');
}

Value callee(const KernelReport& report) {
  if (!happened_in_the_kernel(report)) return {};
  const auto& trace = report.trace;
  const auto caller = module_frame(trace);
  if (caller == trace.begin() || caller == trace.end()) return {};
  return function_name(*std::prev(caller));
}

Value other_lock(const KernelReport& report) {
  const bool two = report.locks.size() == 2 && report.locks[0].lock != report.locks[1].lock;
  return two ? text_unless_empty(report.locks[1].lock) : Value();
}

struct Row {
  ExplanationName name;
  Value (*value)(const KernelReport& report);
};

using Report = const KernelReport&;

// docs/kernel-reports.md has the same rows in the same order; a test holds them together.
constexpr Row rows[] = {
    {{"where", "the module's function, and its line where that is known: `oob_init (oob.c:40)`"},
     [](Report report) { return place(report.trace); }},
    {{"callee", "the kernel's function that it called, where it happened in that one: `memcpy`"}, callee},
    {{"allocated_in", "like `where`: where the object was allocated"},
     [](Report report) { return place(report.alloc_trace); }},
    {{"freed_in", "like `where`: where it was freed"}, [](Report report) { return place(report.free_trace); }},
    {{"access", "`read` or `write`"}, access},
    {{"bytes", "the size of the access: `4 bytes`"}, bytes},
    {{"address", "its address: `0x10`"},
     [](Report report) {
       return address_known(report) ? Value(fmt::format("{:#x}", report.access->address)) : Value();
     }},
    {{"member_offset", "the address as a number, where it is one just above NULL: `16`"}, member_offset},
    {{"object_size", "the size of the object that the access missed or was in: `64 bytes`"},
     [](Report report) { return report.object ? bytes_unless_none(report.object->size) : Value(); }},
    {{"offset", "where in the object the access began, counted from its start: `16`"},
     [](Report report) {
       return object_is(report, Side::inside) ? Value(std::to_string(report.object->distance)) : Value();
     }},
    {{"past_end", "how far behind the object's end it began, unless just there: `12 bytes`"},
     [](Report report) {
       return object_is(report, Side::right) ? bytes_unless_none(report.object->distance) : Value();
     }},
    {{"before_start", "how far before the object's start it began: `4 bytes`"},
     [](Report report) {
       return object_is(report, Side::left) ? bytes_unless_none(report.object->distance) : Value();
     }},
    {{"cache", "the object's slab cache: `kmalloc-64`"}, cache},
    {{"variable", "the object's name, of a variable"},
     [](Report report) { return report.object ? text_unless_empty(report.object->variable) : Value(); }},
    {{"lock", "the lock, as lockdep names it: `&dev->lock`"},
     [](Report report) { return report.locks.empty() ? Value() : text_unless_empty(report.locks[0].lock); }},
    {{"other_lock", "the second lock, where it is about two"}, other_lock},
    {{"lock_taken_in", "like `where`: where the lock was taken"}, [](Report report) { return lock_place(report, 0); }},
    {{"also_taken_in", "like `where`: where the second lock was taken, or the same one another time"},
     [](Report report) { return lock_place(report, 1); }},
    {{"callback", "like `where`: the function of the timer, work item or interrupt that it is about"},
     [](Report report) { return place(report.callback); }},
    {{"process", "the name of the process that ran"}, [](Report report) { return text_unless_empty(report.process); }},
    {{"cpu", "the number of its CPU"},
     [](Report report) { return report.cpu ? Value(std::to_string(*report.cpu)) : Value(); }},
    {{"name", "what the title names: an entry of /proc, a module, a device, the number of an interrupt, a type"}, name},
    {{"other_name", "what it names second"}, [](Report report) { return quoted_in_title(report, 1); }},
    {{"request", "how much memory was asked for: `2048 KiB`"}, request},
    {{"at_end", "the access began just behind the object's end", false},
     [](Report report) { return holds(object_is(report, Side::right) && report.object->distance == 0); }},
    {{"slab", "it was memory of `kmalloc()` or of a slab cache", false},
     [](Report report) { return holds(report.region == "slab"); }},
    {{"stack", "it was a local variable", false}, [](Report report) { return holds(report.region == "stack"); }},
    {{"global", "it was a variable outside functions", false},
     [](Report report) { return holds(report.region == "global"); }},
    {{"page", "it was pages that were freed as such", false},
     [](Report report) { return holds(report.region == "page"); }},
    {{"execute", "the access was a jump: code was to be run there", false},
     [](Report report) { return holds(report.access && report.access->mode == Mode::execute); }},
    {{"list_poison", "the address is one that `list_del()` leaves in an entry's links", false},
     [](Report report) { return holds(report.access && report.access->address >> 12 == 0xdead000000000); }},
    {{"suspect", "no module is named in the report, and a slow host may have caused it", false},
     [](Report report) { return holds(report.suspect); }},
};

constexpr auto names = [] {
  std::array<ExplanationName, std::size(rows)> all{};
  std::transform(std::begin(rows), std::end(rows), all.begin(), [](const Row& row) { return row.name; });
  return all;
}();

}  // namespace

std::span<const ExplanationName> explanation_names() {
  return names;
}

std::optional<std::string> explanation_value(std::string_view name, const KernelReport& report) {
  const auto* row =
      std::find_if(std::begin(rows), std::end(rows), [name](const Row& one) { return one.name.name == name; });
  return row == std::end(rows) ? std::nullopt : row->value(report);
}

}  // namespace labctl
