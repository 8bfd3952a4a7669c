// Which lines announce a report. Inside diagnose/ only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace labctl {

// How the end of a report is known.
enum class ReportEnd {
  marker,     // "---[ end trace ...": traps, BUG(), WARN()
  rule,       // a line of "=": the sanitizers
  trace,      // the last frame of its stack trace
  oom,        // the line that names the killed process
  rest,       // nothing else happens: a panic
  this_line,  // it has one line
};

struct ReportStart {
  std::string_view kind;
  ReportEnd end = ReportEnd::trace;
};

// What a record's text announces on its own, if anything.
std::optional<ReportStart> report_start(std::string_view text);

// Whether the text is of a form that many kernel reports begin with ("BUG: "), and would be one if a stack trace
// followed.
bool may_start_report(std::string_view text);

// "Oops: 0002 [#1] SMP": the line of a trap, which also stands inside the report that "BUG: unable to handle page
// fault" or "kernel BUG at" began. One with words of its own announces nothing, unless a stack trace follows: a module
// may print numbers in that form.
bool is_trap_line(std::string_view text);

// A more telling kind than "warning" or "kernel-bug" from the message of a WARN(), or of the line before a BUG(),
// and from the source file in the line that announces it. Without a message, message is empty.
std::optional<std::string_view> kind_of_message(std::string_view message, std::string_view announcing);

// "------------[ cut here ]------------"
bool is_cut_here(std::string_view text);
// Ten or more '=' and nothing else.
bool is_rule(std::string_view text);

}  // namespace labctl
