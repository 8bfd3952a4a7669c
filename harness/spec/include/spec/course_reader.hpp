// course.yaml, which is in the labs folder → model::Course. As strict as the reader of lab.yaml, and in the same way.
#pragma once

#include <filesystem>
#include <string>

#include "model/course.hpp"
#include "support/result.hpp"

namespace labctl {

// Pure. file: a name for locations. Fault::usage, with the place of every mistake.
Result<Course> parse_course(const std::filesystem::path& file, const std::string& text);

// A folder without the file has a course without topics. Fault::harness where it cannot be read.
Result<Course> read_course(const std::filesystem::path& labs);

}  // namespace labctl
