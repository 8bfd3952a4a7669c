// A lab for an author to begin with: it runs and passes as it is, and its comments say what to change.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace labctl {

struct LabFile {
  std::filesystem::path path;  // in the lab's folder
  std::string bytes;
};

// Pure: what a lab of this name consists of, lab.yaml last. Fault::usage where a lab, or the module that has the same
// name, cannot be called so. schema: what an editor is told to check the spec with; empty: nothing.
Result<std::vector<LabFile>> new_lab_files(const std::string& name, const std::string& schema = "");

// Makes the folder labs/name, and labs where it is not there, with these files: all of them or nothing. Fault::usage
// for a bad name, and where labs/name is there already, whatever it is. The spec names the schema by its relative path
// where both are in one tree, so that the tree can be moved; otherwise by its absolute one.
Status make_lab(const std::string& name, const std::filesystem::path& labs, const std::filesystem::path& schema = {});

}  // namespace labctl
