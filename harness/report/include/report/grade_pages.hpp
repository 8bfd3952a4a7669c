// Grades as pages of HTML, for instructors and students. Each is one file that needs nothing else, and no network.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "model/grade.hpp"

namespace labctl {

// How a row's links lead to the student's page.
struct PageLink {
  std::string id;
  std::string href;
};

// The class: who has which score, how many pass each test, which faults many share. It sorts and filters in the
// browser.
std::string class_page(const Grading& grading, const std::vector<GradeRow>& rows, const std::vector<PageLink>& links);

// For the student: the score, each test, what was seen, and what to look at. Hidden tests are named, not shown.
std::string student_page(const Grading& grading, const GradeRow& row);

}  // namespace labctl
