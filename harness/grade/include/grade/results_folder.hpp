// The folder that a grading goes to: what is common to all (grading.json), and a file a student. A file is there whole
// or not at all, so a grading that was cut short goes on where it was.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/grade.hpp"
#include "support/files.hpp"
#include "support/result.hpp"

namespace labctl {

// A name for a student's files: the id itself where every file system takes it, else its letters and a digest.
std::string file_name_of(const std::string& id);

// Pure. Nothing where the text is not what these gave.
std::string student_json(const GradedStudent& student);
std::optional<GradedStudent> read_student(const std::string& text);
std::string grading_json(const Grading& grading);
std::optional<Grading> read_grading(const std::string& text);

class ResultsFolder {
 public:
  // Of a new grading, in a folder that is absent or empty. Fault::usage where it is neither, or another labctl grades
  // into it.
  static Result<ResultsFolder> create(const std::filesystem::path& folder);
  // Of one that was begun.
  static Result<ResultsFolder> open(const std::filesystem::path& folder);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path evidence(const std::string& id) const { return path_ / "evidence" / file_name_of(id); }

  Status keep(const Grading& grading) const;
  Result<Grading> grading() const;
  Status keep(const GradedStudent& student) const;
  // The student's result, if it is there and was made from the same (key).
  std::optional<GradedStudent> find(const std::string& id, const std::string& key) const;
  // Whatever it was made from.
  std::optional<GradedStudent> find(const std::string& id) const;
  // Every result, by id. A file that is none of these is an error.
  Result<std::vector<GradedStudent>> students() const;

 private:
  ResultsFolder(std::filesystem::path path, FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  static Result<ResultsFolder> locked(const std::filesystem::path& folder);
  std::filesystem::path file_of(const std::string& id) const {
    return path_ / "students" / (file_name_of(id) + ".json");
  }

  std::filesystem::path path_;
  FileLock lock_;
};

}  // namespace labctl
