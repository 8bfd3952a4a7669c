// Observations × expectations → results. Pure: no clock, no files, no guest.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/lab.hpp"
#include "model/observation.hpp"
#include "model/result.hpp"

namespace labctl {

// Judges step `index` of a test from evidence.steps[index]; a missing observation counts as Ending::not_run. Whatever
// the step expects, there is at least one check: a step that expects nothing still fails when its action fails, and
// every step fails whose ending is not `completed`. An observation that was cut never passes a check that the missing
// part could have failed. Where the runner's step limit is not Limits::step, it must be in Step::limit, because
// messages quote it.
std::vector<CheckResult> check_step(const Test& test, std::size_t index, const Evidence& evidence);

// Whether the step ended as its `ends` says, so that the test goes on: it completed where it says nothing.
bool ended_as_expected(const Step& step, const Observation& seen);

// What a step's output is, of which it may save values: a program's stdout, or what was read.
const std::string& output_of(const Step& step, const Observation& seen);

// The records that dmesg step `index` looks at, before its level filter: up to the step's log_end (or the log's end
// while evidence has no observation for it yet), and from
//   LogScope::test  evidence.test_begin;
//   LogScope::step  log_begin of the nearest step before it that is not a dmesg step and was run; test_begin if none.
// Points into evidence.log. Empty when the step is not a dmesg step.
std::span<const KmsgRecord> dmesg_scope(const Test& test, std::size_t index, const Evidence& evidence);

// Whether a dmesg step's positive conditions (has, matches, sequence, count) hold already in these records, which are
// those of dmesg_scope(): the runner uses it to stop waiting within DmesgStep::within. Only records of the kernel
// (facility 0) and of the step's level count.
bool dmesg_satisfied(const DmesgStep& step, std::span<const KmsgRecord> records);

// Judges a whole test from its evidence and the kernel reports found in it: status, message, steps, reports,
// report_checks and log_excerpt, what its modules left behind, and the points that it earned. Points, hint, name and
// location are copied from the test; took, folder and console_tail are the caller's to fill. The status is the first of
// these that holds: tampered; crashed (a kernel report, or the machine or the acting process was ended by the kernel or
// by a flood, and the test does not expect that); timeout; failed (a step, or a report that is expected did not come);
// infrastructure_error (a step was not run although nothing failed before it); passed. A test without steps is not_run.
TestResult judge_test(const Test& test, const Evidence& evidence, const std::vector<KernelReport>& reports);

// EINVAL ↔ 22. errno_name gives "errno 4095" style text for numbers without a name; errno_number gives nothing for
// unknown names, and knows aliases (EWOULDBLOCK). Values are those of x86-64 Linux, whatever the host, with those that
// only kernel code should see (ERESTARTSYS, ENOTSUPP).
std::string errno_name(int number);
std::optional<int> errno_number(const std::string& name);

}  // namespace labctl
