// Whose submissions a folder holds: one a student, or as learning platforms hand them out.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "intake/submission.hpp"

namespace labctl {

enum class Layout {
  automatic,
  plain,   // a folder, a .c or an archive a student, named by the student's id
  moodle,  // "NAME_NUMBER_assignsubmission_file_" folders, as Moodle downloads all submissions of an assignment
  canvas,  // "name_[LATE_]USER_SUBMISSION_FILE" files, as Canvas downloads them
  github,  // "ASSIGNMENT-USER" clones, as `gh classroom clone student-repos` makes them
};

struct Listing {
  Layout layout = Layout::plain;
  std::vector<Entry> entries;          // by id
  std::vector<std::string> not_taken;  // what the folder holds besides: nobody's submission by this layout
};

// Pure. names: what the folder holds; folders' names end with '/', clones' with '/' '.git'. Two of one id are one entry
// of both. Fault::usage where the folder holds no submission, or a name that is not UTF-8 or has control characters.
Result<Listing> list_entries(const std::filesystem::path& folder, const std::vector<std::string>& names, Layout layout);

// The same of a folder on disk. Fault::usage where it does not exist.
Result<Listing> find_entries(const std::filesystem::path& folder, Layout layout);

std::string_view layout_name(Layout layout);

}  // namespace labctl
