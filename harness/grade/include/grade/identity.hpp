// What gradings and results depend on. Pure.
#pragma once

#include <string>
#include <vector>

#include "model/grade.hpp"
#include "model/lab.hpp"

namespace labctl {

// Why results of the two cannot stand beside each other, in words on a; empty: they can.
std::string what_differs(const Grading& a, const Grading& b);

// A digest of all but the submission that a student's result depends on.
std::string common_digest(const Grading& grading);

// The same for each test: its own text, and not that of the others. files: digest of the lab's other files.
std::vector<std::string> test_keys(const Lab& lab, const Grading& grading, const std::string& files);

// What of the spec a test's result depends on, for each test: its own text, and what the tests have in common. A spec
// that is not written test by test, or whose tests need each other, is one text for all.
std::vector<std::string> test_texts(const Lab& lab);

}  // namespace labctl
