// What grading a class gives. grade/ makes these, report/ turns them into text.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/result.hpp"

namespace labctl {

// How a submission ended: the worst that one of its tests did, or why none was done.
enum class GradeState {
  passed,
  failed,
  build_failed,
  refused,  // it holds what may not be handed in
  timeout,
  crashed,
  tampered,
  missing,               // the roster has the student, nobody handed anything in
  infrastructure_error,  // not graded, and not the student's fault; never a score
};

std::string_view state_name(GradeState state);  // "passed", "build-failed", ...
std::optional<GradeState> state_named(std::string_view name);

// "17.50"; whole numbers without decimals.
std::string hundredths_text(int hundredths);

struct GradedTest {
  std::string name;
  TestStatus status = TestStatus::not_run;
  int points = 0;
  int earned = 0;
  bool hidden = false;
  std::string hint;
  std::string message;    // one line: how it ended; empty: it passed
  std::string diagnosis;  // a short text that is the same for the same fault of others; empty: it passed
  std::string details;    // what was expected and seen, what the kernel said and where; lines
  std::string key = {};   // of all but the submission that the result depends on
};

// One student's result. Graded again it is the same, but for addresses and times of the guest in texts.
struct GradedStudent {
  std::string id;
  std::string name;
  GradeState state = GradeState::infrastructure_error;
  std::string message;                // one line: why there is nothing to score, or why points were lost at once
  std::vector<std::string> refusals;  // in plain words
  std::vector<std::string> notes;     // what was left out of what was handed in
  std::vector<std::string> files;     // that were taken
  std::string submission;             // digest of these
  std::string compiler;               // what it said, with the names of the student's files
  bool late = false;                  // marked so by the learning platform
  std::string key;                    // of all that the result depends on
  std::vector<GradedTest> tests;
};

// What a student gets, after lateness and what an instructor decided. Points are in hundredths, as lateness has parts.
struct FinalScore {
  int raw = 0;         // what the tests earned, in points
  int possible = 0;    // in points
  bool graded = true;  // otherwise there is no score, and labctl owes one
  int days_late = 0;
  int late_percent = 0;              // that was taken away
  int hundredths = 0;                // what counts
  std::vector<std::string> reasons;  // of whoever overrode something
};

// What all results of one grading have in common.
struct Grading {
  std::string tool_version;
  std::string tool;  // digest of the code that judges
  std::string lab;
  std::string title;
  std::string spec;  // digest of the lab's folder
  std::string seed;  // secret until the grades are out
  std::string flavour;
  std::vector<KernelIdentity> kernels;
  std::vector<GradedTest> tests;  // as nobody has done them yet
};

struct LatePolicy {
  std::optional<std::chrono::sys_seconds> due;
  std::chrono::minutes grace{0};
  int percent_a_day = 0;  // of what was earned, for each day that has begun
};

// Points that an instructor gives instead of those that were earned.
struct Override {
  std::string id;
  std::string test;  // empty: of all tests together, whatever the time
  int points = 0;
  std::string reason;
};

// Of whom a roster knows.
struct Student {
  std::string id;
  std::string name;
  std::string email;
  std::optional<std::chrono::sys_seconds> submitted;  // when, if the roster says so
};

// Somebody whose result is another one than in an earlier grading.
struct GradeChange {
  std::string id;
  std::string name;
  std::optional<int> before, after;  // hundredths; nothing: not graded, or not in that gradebook
  std::vector<std::string> tests;    // "reads: passed, 3 -> failed, 0"
};

// One student in the gradebook.
struct GradeRow {
  GradedStudent student;
  std::string name;       // of the roster, else of the learning platform
  std::string email;      // of the roster
  bool in_roster = true;  // or there is none
  FinalScore score;
};

}  // namespace labctl
