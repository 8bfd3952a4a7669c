// The labs of a folder as a course: by topic, each behind those that it needs. Pure.
#pragma once

#include <string>
#include <vector>

#include "model/course.hpp"
#include "model/lab.hpp"

namespace labctl {

struct CourseSection {
  Topic topic;  // without a name: labs that belong to none
  std::vector<const Lab*> labs;
};

// Topics in the course's order, then those that only labs name, by name. In a topic a lab comes behind its
// prerequisites; else the one with the shorter chain of them comes first, and then by name.
std::vector<CourseSection> course_sections(const Course& course, const std::vector<Lab>& labs);

// Prerequisites that are no lab of the course, or need the lab themselves, a line each.
std::vector<std::string> course_faults(const std::vector<Lab>& labs);

// "Framework" of "Framework / first module".
std::string topic_of(const Lab& lab);

std::string course_text(const Course& course, const std::vector<Lab>& labs);      // for a terminal
std::string course_markdown(const Course& course, const std::vector<Lab>& labs);  // tables, with links to the hand-outs
std::string course_json(const Course& course, const std::vector<Lab>& labs);

}  // namespace labctl
