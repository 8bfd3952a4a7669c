// Grades a class: every submission in machines of its own, one result a student.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "grade/results_folder.hpp"
#include "intake/submission.hpp"
#include "model/grade.hpp"
#include "runner/lab_runner.hpp"

namespace labctl {

// An earlier result of a student, some of whose tests may still hold.
using EarlierResults = std::function<std::optional<GradedStudent>(const std::string& id)>;

struct GradeOptions {
  RunOptions run;  // kernel, flavour, accelerator, sandbox, limits, and the class' seed
  int jobs = 0;    // submissions at once; 0: one a core
  IntakeLimits intake;
  int attempts = 3;                    // at a submission that labctl or its environment could not judge
  std::vector<std::string> test_keys;  // by test: of all but the submission that a result depends on
  EarlierResults earlier;  // where the submission and a test's key are those of an earlier result, that one is taken
};

// What the reference solution gives: the kernel that everybody is judged with, and what a solution may use.
struct GradingControl {
  std::vector<KernelIdentity> kernels;
  std::set<std::string> symbols;       // that it takes from the kernel
  std::set<std::string> instructions;  // of the suspicious ones
};

// Judges the reference as if it were a submission. Fault::usage where it does not pass: then nobody is graded by it.
Result<GradingControl> grade_reference(const Lab& lab, const GradeOptions& options, const RunnerParts& parts,
                                       const std::filesystem::path& folder);

// How a lab is graded: in the debug flavour, which finds what others let pass, where neither the lab nor a test says
// otherwise.
Lab for_grading(Lab lab);

// One submission. key is not set. folder: for the evidence, made anew. What could not be judged is a state; errors are
// Fault::interrupted, and Fault::harness where there is no sense in going on, as with a full disk.
Result<GradedStudent> grade_one(const Lab& lab, const Submission& submission, const GradingControl& control,
                                const GradeOptions& options, const RunnerParts& parts,
                                const std::filesystem::path& folder);

// Pure: a student whose submission the host could not even read.
GradedStudent not_graded(const Lab& lab, const Entry& entry, const std::string& why);

// Every entry, several at once, each result kept as soon as it is known. common: what every result depends on. How many
// are of an earlier grading, which was cut short. Errors are as those of grade_one(); what was graded by then is kept.
Result<std::size_t> grade_class(const Lab& lab, const std::vector<Entry>& entries, const GradingControl& control,
                                const std::string& common, const GradeOptions& options, const RunnerParts& parts,
                                const KernelStoreOpener& open_store, const ResultsFolder& results);

// The names of the files that a student hands in.
std::vector<std::string> sources_to_hand_in(const Lab& lab);

// HMAC-SHA256 of the lab and the student under the class' seed, in hexadecimal: what the student's tests' values are
// made from. Nobody who does not know the seed can tell them beforehand.
std::string student_seed(const std::string& seed, const std::string& lab, const std::string& id);

// Pure: what a run of the lab says of a submission.
void add_result(GradedStudent& student, const Lab& lab, const LabResult& result, const std::string& build_folder);

}  // namespace labctl
