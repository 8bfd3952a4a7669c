#include "frames.hpp"

#include <algorithm>

#include "scan.hpp"

namespace labctl {
namespace {

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$';
}

std::string_view take_name(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_name_byte);
  const std::string_view name = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(name.size());
  return name;
}

// "[bad]", "[bad 0f3a...]" with the build id of CONFIG_STACKTRACE_BUILD_ID, or nothing at all.
bool take_module(std::string_view& text, std::string& module) {
  std::string_view rest = text;
  if (!skip(rest, " [")) return true;
  const auto close = rest.find(']');
  if (close == std::string_view::npos) return false;
  std::string_view inside = rest.substr(0, close);
  module = take_name(inside);
  if (module.empty() || (!inside.empty() && inside.front() != ' ')) return false;
  text = rest.substr(close + 1);
  return true;
}

// "0xffffffffc0000123", all that is known of code in a module that has gone.
std::optional<std::uint64_t> kernel_address(std::string_view line) {
  constexpr std::uint64_t kernel_space = 0xffff800000000000;
  const auto address = take_hexadecimal(line);
  return address && line.empty() && *address >= kernel_space ? address : std::nullopt;
}

// "rang", "rang [bad]": %ps has no offset.
std::optional<StackFrame> named_function(std::string_view text) {
  StackFrame named;
  named.function = take_name(text);
  if (named.function.empty() || !take_module(text, named.module) || !text.empty()) return std::nullopt;
  return named;
}

// kernel/irq/spurious.c __report_bad_irq(): "[<00000000c0de0000>] first [bad] threaded [<00000000c0de0040>] then
// [bad]".
std::optional<StackFrame> handler_in(std::string_view line) {
  while (skip(line, "[<")) {
    const auto close = line.find(">] ");
    if (close == std::string_view::npos) break;
    line.remove_prefix(close + 3);
    const auto threaded = line.find(" threaded ");
    if (const auto handler = named_function(line.substr(0, threaded)); handler && !handler->module.empty())
      return handler;
    if (threaded == std::string_view::npos) break;
    line.remove_prefix(threaded + std::string_view(" threaded ").size());
  }
  return std::nullopt;
}

}  // namespace

std::optional<StackFrame> stack_frame(std::string_view line) {
  line = without_blanks(line);
  if (line.starts_with("[<")) {  // the address: before 4.10 in each line, and still where lockdep names one place
    const auto close = line.find(">]");
    if (close == std::string_view::npos) return std::nullopt;
    line = without_blanks(line.substr(close + 2));
  }
  StackFrame frame;
  if (const auto address = kernel_address(line)) {
    frame.address = *address;
    return frame;
  }
  frame.function = take_name(line);
  // A function has a name that no number has.
  if (frame.function.empty() || (frame.function[0] >= '0' && frame.function[0] <= '9')) return std::nullopt;
  if (skip(line, "+")) {
    const auto offset = take_hexadecimal(line);
    if (!offset || !skip(line, "/")) return std::nullopt;
    const auto size = take_hexadecimal(line);
    if (!size) return std::nullopt;
    frame.offset = *offset;
    frame.size = *size;
    if (!take_module(line, frame.module)) return std::nullopt;
  } else {
    const auto mark = line.find(" [inline]");
    if (mark == std::string_view::npos) return std::nullopt;
    frame.inlined = true;
    line = line.substr(mark + std::string_view(" [inline]").size());
  }
  line = without_blanks(line);
  if (!line.empty() && line != "[inline]") return std::nullopt;
  frame.inlined = frame.inlined || line == "[inline]";
  return frame;
}

bool is_unsure_frame(std::string_view line) {
  line = without_blanks(line);
  return skip(line, "? ") && stack_frame(line).has_value();
}

std::optional<StackFrame> instruction_pointer(std::string_view line) {
  line = without_blanks(line);
  if (skip(line, "RIP: ") || skip(line, "EIP: ")) {
    // The segment of the kernel's code: 0010, or 0060 on i386, where it is only printed before 4.10.
    if (const auto colon = line.find(':'); colon != std::string_view::npos && colon <= 4) {
      if (line.starts_with("0033:") || line.starts_with("0023:")) return std::nullopt;
      line.remove_prefix(colon + 1);
    }
  } else if (!skip(line, "pc : ")) {
    return std::nullopt;
  }
  auto frame = stack_frame(line);
  if (frame) frame->exact = true;
  return frame;
}

bool begins_backtrace(std::string_view text) {
  return text.starts_with("NMI backtrace for cpu ") && text.find(" skipped: ") == std::string_view::npos;
}

bool is_interrupt_entry(const StackFrame& frame) {
  // arch/x86/entry/entry_64.S of 5.4; idtentry.h from 5.8; arch/arm64/kernel/entry.S
  static constexpr std::string_view entries[] = {
      "retint_kernel",        "common_interrupt",        "apic_timer_interrupt",
      "reschedule_interrupt", "call_function_interrupt", "call_function_single_interrupt",
      "irq_work_interrupt",   "asm_common_interrupt",    "el1_irq",
      "el1h_64_irq"};
  return frame.module.empty() &&
         (frame.function.starts_with("asm_sysvec_") ||
          std::find(std::begin(entries), std::end(entries), frame.function) != std::end(entries));
}

std::optional<StackFrame> callback_in(std::string_view line) {
  std::optional<StackFrame> frame;
  if (const auto hint = line.find(" hint: "); hint != std::string_view::npos) {
    frame = stack_frame(line.substr(hint + std::string_view(" hint: ").size()));
  } else if (line = without_blanks(line); skip(line, "last function: ")) {
    frame = stack_frame(line);
    if (!frame) frame = named_function(line);
  } else if (const auto leak = between(line, "timer: ", " preempt leak: "); leak && line.starts_with("timer: ")) {
    frame = stack_frame(*leak);
  } else {
    frame = handler_in(line);
  }
  if (frame) frame->exact = true;
  return frame;
}

bool names_module(std::string_view line) {
  line = without_blanks(line);
  skip(line, "? ");
  auto frame = instruction_pointer(line);
  if (!frame) frame = stack_frame(line);
  return frame && (!frame->module.empty() || frame->address != 0);
}

}  // namespace labctl
