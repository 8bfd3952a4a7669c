// Has a lab's tests judge one module, and remembers how that went. Inside proof/ only.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "model/proof.hpp"
#include "runner/lab_runner.hpp"

namespace labctl {

// A module, and how it is to be judged.
struct Subject {
  std::optional<std::filesystem::path> module;  // a folder; nothing: the lab's own
  std::string kernel;
  std::string flavour;  // empty: as the lab says
  bool stop_at_failure = false;
  std::string seed;
  std::string digest;  // of all that the verdict depends on
};

struct Remembered {
  Verdict verdict;
  bool from_cache = false;
};

// folder: is made for the run's evidence, unless the verdict is remembered. One that is the harness's fault never is.
// Errors: Fault::usage and Fault::interrupted.
Result<Remembered> judge_subject(const Lab& lab, const Subject& subject, const RunOptions& options,
                                 const RunnerParts& parts, bool use_remembered, const std::filesystem::path& folder);

// Pure. Nothing where the text is not what verdict_text() gave.
std::string verdict_text(const Verdict& verdict);
std::optional<Verdict> read_verdict(const std::string& text);

}  // namespace labctl
