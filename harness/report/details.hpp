// What a report says of one test or build beyond its name, status and duration. Shared by the text, JUnit and KTAP
// reports. Lines come without line ends and start at column 0; everything in them is printable.
#pragma once

#include <string>
#include <vector>

#include "model/result.hpp"
#include "style.hpp"

namespace labctl::report {

// Failed, for a reason that is the module's.
bool module_failed(TestStatus status);

// The test's message in one line; never empty for a test that did not pass. Of a hidden one that the module failed it
// says how it ended, but not in which step, unless verbose.
std::string message_of(const TestResult& test, bool verbose = false);

// What to do about an infrastructure error.
std::string next_step(const LabResult& lab);

// Why the test failed, down to the kernel log and the console: everything but message_of(). With verbose, its passed
// steps and checks too. Nothing for a passed test without verbose, and for one that was not run.
std::vector<std::string> test_details(const TestResult& test, const Style& style, bool verbose);

// The lab's kernels: "Linux 5.4.302 release, debug"; empty where there was none.
std::string kernels_text(const LabResult& lab);

// What the builds say. One that says of its module what one for another flavour has said is left out.
std::vector<const BuildResult*> told_builds(const LabResult& lab);

// The build's flavour as a word before what is said of it, "debug: ", where other flavours' builds say otherwise.
std::string flavour_before(const LabResult& lab, const BuildResult& build);

// Why a build failed, in one line that names the module.
std::string build_message(const LabResult& lab, const BuildResult& build);

// The compiler's output as the compiler gave it; at most max_lines of it.
std::vector<std::string> compiler_output(const BuildResult& build, std::size_t max_lines);

// "3 of 5 points", or "" where there are none or nothing could be judged.
std::string points_of(const TestResult& test);
// The same of a lab: "3 of 5 points (2 not judged)".
std::string points_of(const LabResult& lab);
std::string points_text(const Score& score);

// Of the told builds those that failed and should not have.
std::vector<const BuildResult*> failed_builds(const LabResult& lab);

}  // namespace labctl::report
