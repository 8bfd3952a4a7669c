// Results → text for people and machines. Pure functions that return strings.
#pragma once

#include <string>

#include "model/result.hpp"

namespace labctl {

struct TextOptions {
  bool color = false;    // the caller decides: a terminal, and NO_COLOR unset
  bool verbose = false;  // show passed steps and checks too
};

std::string text_report(const RunResult& run, const TextOptions& options);
std::string json_report(const RunResult& run);   // docs/run-result.schema.json describes it
std::string junit_report(const RunResult& run);  // for GitLab's and Jenkins' readers
std::string ktap_report(const RunResult& run);   // KTAP version 1

}  // namespace labctl
