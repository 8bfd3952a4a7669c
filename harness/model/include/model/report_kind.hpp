// The kinds of kernel reports. diagnose/ finds reports of them, specs expect them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace labctl {

// The names are stable: JSON reports and specs use them.
struct ReportKind {
  std::string_view name;     // "kasan-use-after-free"
  std::string_view meaning;  // half a sentence, as docs/kernel-reports.md has it
  // Only a kernel of the debug flavour looks for it (kernel-config/debug.config).
  bool debug = false;
};

std::span<const ReportKind> report_kinds();
// Whether reports of this kind say where a step hangs: the kernel was asked, and it is no fault that it answers.
bool is_hang(std::string_view kind);
// Null when there is none of that name.
const ReportKind* find_report_kind(std::string_view name);
std::vector<std::string> report_kind_names();

}  // namespace labctl
