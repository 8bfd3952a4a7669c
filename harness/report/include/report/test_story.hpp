// What one test says of a module, as plain text for grading. Pure.
#pragma once

#include <string>

#include "model/result.hpp"

namespace labctl {

// Why the test did not pass, in lines: what was expected and seen, what the kernel said and where. Empty where it
// passed, or is hidden: then students learn nothing but how it ended.
std::string test_story(const TestResult& test);

// How it ended, in one line.
std::string test_ending(const TestResult& test);

// A short text for the fault, the same for everybody who made it: what the kernel reported and in which of the
// module's functions, else the first check that failed. Empty: it passed.
std::string test_diagnosis(const TestResult& test);

// Why the module did not build, in one line; empty: it did.
std::string build_ending(const LabResult& lab);

}  // namespace labctl
