// Lines of stack traces. Inside diagnose/ only.
#pragma once

#include <optional>
#include <string_view>

#include "model/kernel_report.hpp"

namespace labctl {

// A line of a stack trace or what follows "at: ": "bad_init+0x1a/0x1000 [bad]", "[<0000000000000000>] f+0x1/0x2",
// " f.part.0" with "[inline]" after it, "0xffffffffc0000123". Nothing for lines of other forms.
std::optional<StackFrame> stack_frame(std::string_view line);

// " ? f+0x1/0x2": an address that was found on the stack, no more.
bool is_unsure_frame(std::string_view line);

// "RIP: 0010:f+0x1/0x2 [bad]" and its like on i386 ("EIP: ") and arm64 ("pc : "): the instruction that was running in
// the kernel. Nothing for one of user space, or outside the kernel's memory.
std::optional<StackFrame> instruction_pointer(std::string_view line);

// lib/nmi_backtrace.c: "NMI backtrace for cpu 1", but for one "skipped: idling at ...".
bool begins_backtrace(std::string_view text);

// Whether it is what an interrupt comes in or returns through: the frames behind it are of what was interrupted.
bool is_interrupt_entry(const StackFrame& frame);

// The function that a timer, work item or interrupt calls, where the line names it: "... hint: rang+0x0/0x1a [bad]"
// (debug objects), "last function: work [bad]" (work queues), "timer: rang+0x0/0x1a [bad] preempt leak: " (timers),
// "[<ffffffffc0000123>] handle [bad]" (the handlers of an interrupt, those of modules).
std::optional<StackFrame> callback_in(std::string_view line);

// Whether the line names a function of any module, "?" or not, or an address that may be in one that has gone.
bool names_module(std::string_view line);

}  // namespace labctl
