// A source tree of a test's own.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "temporary_folder.hpp"

namespace labctl {

class TreeFixture : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text = "x\n") const {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  // Of the files of a tree, or of a module's source.
  template <class Files>
  static std::vector<std::string> names(const Files& of) {
    std::vector<std::string> all;
    for (const auto& file : of.files)
      all.push_back(file.name);
    return all;
  }

  const test::TemporaryFolder temporary_;
  const std::filesystem::path root_ = temporary_.path() / "book";
};

}  // namespace labctl
