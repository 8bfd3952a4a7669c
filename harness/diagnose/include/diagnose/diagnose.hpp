// Kernel log → what the kernel reported of its own health. Pure, and linear in the log's size.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/observation.hpp"
#include "model/report_kind.hpp"
#include "model/result.hpp"

namespace labctl {

// Every report in log[begin, end), in the order of their first lines. Lines that only look like one ("ODEBUG:
// selftest passed", "lockdep is turned off", a module's own "WARNING: low level") give none. Records written by user
// space (facility other than 0) never do.
//
// KernelReport::kind is one of report_kinds(). What else its lines say (process, access, object, traces, locks) is read
// too; what they do not say is empty.
//
// KernelReport::title is its announcing line, printable and on one line; for a WARN() with a kind of its own, the
// message of the WARN().
//
// A report begins with its announcing line and with the "cut here" or "====" line and message right before it. It
// ends with what its kind ends with ("---[ end trace" and the registers repeated after it, a line of "====", the last
// frame of its stack trace), before the next report of the same caller, or with the log. Records of other callers that
// came in between are inside its range; two reports from two CPUs may overlap. Where a CPU tells of a stall on another
// and interrupts it, the answer of that one is part of the report.
std::vector<KernelReport> find_reports(const std::vector<KmsgRecord>& log, std::size_t begin, std::size_t end);

// The line with which lockdep says in log[begin, end) that it has no room left and watches no lock from there on; empty
// where there is none. It is nobody's mistake, and no report (kernel/locking/lockdep.c).
std::string lockdep_gave_up(const std::vector<KmsgRecord>& log, std::size_t begin, std::size_t end);

// The console text of a guest that died, as records: "[    1.234567][  T123] text" lines, also where such a line
// begins behind unfinished output of a program. Lines of other forms continue the record before; what comes before the
// first record is one of its own at time 0. A record of several lines comes back as several, because the kernel stamps
// each line. The console does not have levels or sequence numbers: level is 6, sequence counts from 0. For when the
// agent could not send the last records.
std::vector<KmsgRecord> records_from_console(const std::string& console);

}  // namespace labctl
