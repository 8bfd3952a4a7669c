#include "load_reason.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "model/lab.hpp"
#include "text_check.hpp"

namespace labctl {
namespace {

// Phrases of the lines with which the kernel refuses a module (5.4 and 6.1: kernel/module.c, kernel/module/,
// kernel/params.c), and of the one with which it takes no notice of a parameter.
constexpr std::string_view refusals[] = {
    ": Unknown symbol ",
    "' invalid for parameter `",
    "' too large for parameter `",
    ": version magic '",
    ": disagrees about version of symbol ",
    ": no symbol version for ",
    ": exports duplicate symbol ",
    ": can only take ",
    ": needs at least ",
    ": string parameter too long",
    ": string doesn't fit in ",
    ": unknown parameter '",
    ": Unknown parameter `",
    "Invalid ELF ",
    "Module has invalid ELF structures",
    ": No module found in object",
    ": module has no symbols (stripped?)",
    ": module is already loaded",
    ": module using GPL-only symbols uses symbols ",
    ": gave up waiting for init of module ",
};

std::string logged_reason(const Observation& observation, const Evidence& evidence) {
  std::string complaint;
  const std::size_t end = std::min(observation.log_end, evidence.log.size());
  for (std::size_t i = std::max(observation.log_begin, evidence.test_begin); i < end; ++i) {
    const KmsgRecord& record = evidence.log[i];
    if (record.facility != 0) continue;
    const std::string_view text = record.text;
    if (std::any_of(std::begin(refusals), std::end(refusals),
                    [text](std::string_view refusal) { return holds(text, refusal); })) {
      return one_line(text);
    }
    if (record.level <= static_cast<int>(LogLevel::warning) && !holds(text, "taint")) {
      complaint = one_line(text);
    }
  }
  return complaint;
}

// What an errno means for a load where the bare name would mislead a beginner; may be empty.
std::string_view load_hint(int number) {
  switch (number) {
    case 2: return "a symbol that it needs is not there, or its init function returned this";
    case 8: return "the kernel does not accept the file: built for another kernel?";
    case 17: return "a module or an entry of this name is there already";
    default: return {};
  }
}

}  // namespace

std::string load_reason(const Observation& observation, const Evidence& evidence) {
  const std::string logged = logged_reason(observation, evidence);
  std::string reason = logged.empty() ? std::string() : fmt::format("the kernel log says \"{}\"", logged);
  if (!observation.refusal.empty()) reason += (reason.empty() ? "" : ": ") + one_line(observation.refusal);
  return reason.empty() ? std::string(load_hint(observation.error_number)) : reason;
}

}  // namespace labctl
