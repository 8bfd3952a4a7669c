// The lines that announce reports, as data. Inside diagnose/ only.
#pragma once

#include <span>
#include <string_view>

#include "report_start.hpp"

namespace labctl {

// A line that begins with `begins` and, after that, holds `holds`.
struct Start {
  std::string_view begins;
  std::string_view holds;
  std::string_view kind;
  ReportEnd end;
};

// The message of a WARN(), or the line before a BUG(), that begins and holds so, and the source file, where printed,
// that the "WARNING: CPU:" line must name. Without words of its own it is one that has no message.
struct Message {
  enum class Of { any, warn };  // a WARN() only
  std::string_view begins;
  std::string_view holds;
  std::string_view kind;
  std::string_view file;
  Of of = Of::any;
};

// Of both, the first that fits counts.
std::span<const Start> report_starts();
std::span<const Message> warning_messages();

}  // namespace labctl
