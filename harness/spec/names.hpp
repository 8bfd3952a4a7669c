// Names that a spec shares with the system: errno, signals, kernel versions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace labctl::spec {

// EINVAL → 22, as x86-64 Linux numbers them; also what include/linux/errno.h keeps for kernel code (ERESTARTSYS),
// which a module's mistake can let out.
std::optional<int> errno_by_name(std::string_view name);
const std::vector<std::string>& errno_names();

// SIGSEGV → 11. No real-time signals.
std::optional<int> signal_by_name(std::string_view name);
const std::vector<std::string>& signal_names();
// Whether the signal's default action ends a program (signal(7)).
bool signal_ends_program(int signal);

// "5.4.302" → 5, 4, 302: two or three numbers; empty for anything else.
std::vector<int> version_numbers(std::string_view text);

}  // namespace labctl::spec
