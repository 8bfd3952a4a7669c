#include "report_start.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <iterator>

#include "starts.hpp"

namespace labctl {
namespace {

// pr_fmt() prefixes of the files that starts.cpp names.
constexpr std::string_view prefixes[] = {
    "watchdog: ", "NMI watchdog: ", "rcu: ", "workqueue: ", "kobject: ", "softirq: "};

std::string_view without_prefix(std::string_view text) {
  for (const std::string_view prefix : prefixes) {
    if (text.starts_with(prefix)) return text.substr(prefix.size());
  }
  return text;
}

bool begins_and_holds(std::string_view text, std::string_view begins, std::string_view holds) {
  return text.starts_with(begins) && text.find(holds, begins.size()) != std::string_view::npos;
}

bool matches(const RE2& expression, std::string_view text) {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), expression);
}

// mm/slub.c slab_bug(): "BUG CACHE (Not tainted): WHAT", "BUG CACHE (Tainted: G    B      O     ): WHAT"
std::optional<std::string_view> slub_kind(std::string_view text) {
  static const RE2 expression(R"(^BUG [^():]{1,80} \((Not tainted|Tainted: [A-Z ]{1,60})\): )", RE2::Quiet);
  if (!text.starts_with("BUG ") || !matches(expression, text)) return std::nullopt;
  const std::string_view what = text.substr(text.find("): "));
  const auto holds = [what](std::string_view words) { return what.find(words) != std::string_view::npos; };
  if (holds("already free")) return "slub-double-free";
  if (holds("Poison overwritten")) return "slub-use-after-free";
  if (holds("edzone overwritten") || holds("adding overwritten")) return "slub-out-of-bounds";
  if (holds("Objects remaining")) return "slab-leak";
  return "slub";
}

// arch/x86/kernel/traps.c, arch/x86/mm/fault.c; "exception" is the text before ": CODE [#N]". Nothing for other words.
std::optional<std::string_view> trap_kind(std::string_view line) {
  static constexpr std::pair<std::string_view, std::string_view> traps[] = {
      {"general protection fault", "general-protection"},
      {"divide error", "divide-error"},
      {"invalid opcode", "invalid-opcode"},
      {"int3", "int3"},
      {"stack segment", "stack-segment"},
      {"double fault", "double-fault"},
      {"alignment check", "oops"},
      {"segment not present", "oops"},
      {"invalid TSS", "oops"},
      {"coprocessor segment overrun", "oops"},
      {"fpu exception", "oops"},
      {"simd exception", "oops"},
      {"unexpected #NM exception", "oops"},
      {"control protection", "oops"},
      {"Bad pagetable", "oops"},
  };
  const bool oops = line.starts_with("Oops: ");
  if (oops) line.remove_prefix(6);
  for (const auto& [exception, kind] : traps) {
    if (line.starts_with(exception)) return kind;
  }
  return oops ? std::optional<std::string_view>("oops") : std::nullopt;
}

// "COMM invoked oom-killer: gfp_mask=", "COMM: page allocation failure: order:N, mode:". A task's name has at most 15
// bytes, and no module's own prefix ("lab: ") stands before it.
bool follows_task_name(std::string_view text, std::string_view what) {
  const auto at = text.substr(0, 15 + what.size()).find(what);
  return at != std::string_view::npos && at > 0 && text.substr(0, at).find(": ") == std::string_view::npos;
}

}  // namespace

bool is_trap_line(std::string_view text) {
  // arch/x86/kernel/dumpstack.c __die_header(): "%s: %04lx [#%d]", with "Oops: " before it from 6.10. The number goes
  // up with each trap since boot.
  static const RE2 expression(R"(^(Oops: )?[^:\n]{1,120}: [0-9a-f]{4} \[#[0-9]{1,6}\]( |\n|$))", RE2::Quiet);
  const std::string_view head = text.substr(0, 160);
  return head.find(" [#") != std::string_view::npos && matches(expression, head);
}

std::optional<ReportStart> report_start(std::string_view text) {
  const std::string_view line = without_prefix(text.substr(0, text.find('\n')));
  const auto starts = report_starts();
  const auto found = std::find_if(starts.begin(), starts.end(), [line](const Start& start) {
    return begins_and_holds(line, start.begins, start.holds);
  });
  if (found != starts.end()) return ReportStart{found->kind, found->end};
  if (const auto kind = slub_kind(line)) return ReportStart{*kind, ReportEnd::trace};
  if (is_trap_line(line))
    if (const auto kind = trap_kind(line)) return ReportStart{*kind, ReportEnd::marker};
  if (follows_task_name(line, " invoked oom-killer: gfp_mask=")) return ReportStart{"oom-kill", ReportEnd::oom};
  if (follows_task_name(line, ": page allocation failure: order:")) {
    return ReportStart{"page-alloc-failure", ReportEnd::trace};
  }
  if (follows_task_name(line, ": Corrupted page table at address ")) return ReportStart{"bad-page", ReportEnd::marker};
  return std::nullopt;
}

bool may_start_report(std::string_view text) {
  const std::string_view line = without_prefix(text);
  // "BUG: MAX_LOCKDEP_CHAINS too low!" and its like are lockdep at its own limits, and need not be anyone's fault.
  if (line.starts_with("BUG: MAX_")) return false;
  return line.starts_with("BUG: ") || line.starts_with("WARNING: ");
}

std::optional<std::string_view> kind_of_message(std::string_view message, std::string_view announcing) {
  const auto messages = warning_messages();
  const auto found = std::find_if(messages.begin(), messages.end(), [=](const Message& candidate) {
    if (candidate.begins.empty() != message.empty()) return false;
    if (!begins_and_holds(message, candidate.begins, candidate.holds)) return false;
    if (candidate.of == Message::Of::warn && !announcing.starts_with("WARNING: ")) return false;
    if (candidate.file.empty()) return true;
    const auto at = announcing.find(candidate.file);
    return at >= 4 && at != std::string_view::npos && announcing.substr(at - 4, 4) == " at " &&
           announcing.substr(at + candidate.file.size()).starts_with(':');
  });
  if (found == messages.end()) return std::nullopt;
  return found->kind;
}

bool is_cut_here(std::string_view text) {
  return text == "------------[ cut here ]------------";
}

bool is_rule(std::string_view text) {
  return text.size() >= 10 && text.find_first_not_of('=') == std::string_view::npos;
}

}  // namespace labctl
