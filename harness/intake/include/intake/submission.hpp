// What is taken of what a student handed in: the lab's sources, and the headers beside them. All else stays outside.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "intake/contents.hpp"

namespace labctl {

// A file or folder that belongs to one student.
struct Part {
  std::filesystem::path path;
  std::string name;  // as the student called it, where that is not the path's own name
};

// One student's, before anything of it is read.
struct Entry {
  std::string id;
  std::string name;   // the student's; empty: not known
  bool late = false;  // the learning platform marked it so
  std::vector<Part> parts;
  bool one_whole = false;  // the parts are files of one submission; otherwise more than one is too many

  bool ambiguous() const { return parts.size() > 1 && !one_whole; }
};

struct SubmittedFile {
  std::string name;  // in the module's folder
  std::string bytes;
  std::string path;  // as the student had it
};

struct Submission {
  std::string id;
  std::string name;
  std::vector<SubmittedFile> files;
  std::vector<std::string> notes;     // what was left out, or found elsewhere than asked for: a sentence each
  std::vector<std::string> refusals;  // why it is not graded, in plain words; empty: it is
  std::string digest;                 // of files
};

// Pure. sources: the names that the lab asks for. A lab of one source takes another name, if there is one .c only.
Submission choose_sources(const Contents& contents, const std::vector<std::string>& sources);

// Reads an entry's parts; an archive in a folder without sources is read in their place.
Result<Submission> take_in(const Entry& entry, const std::vector<std::string>& sources, const IntakeLimits& limits,
                           StopToken stop);

}  // namespace labctl
