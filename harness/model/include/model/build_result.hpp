// How a module was built. Made by kmod/.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace labctl {

// A source of a module's, as it was compiled.
struct BuiltSource {
  std::string name;             // in the build folder: "hello.c"
  std::filesystem::path shown;  // as the user knows it
  std::string bytes;
};

// One module's build.
struct BuildResult {
  std::string module;
  std::string flavour;  // of the kernel that it was built for
  bool succeeded = false;
  bool meant_to_fail = false;  // a test of the lab expects that it does not build
  bool cached = false;
  std::string output;   // the compiler's messages, with paths as the user knows them
  std::string message;  // one line when it failed
  std::vector<BuiltSource> sources;
  std::filesystem::path ko;
  std::string ko_sha256;
  std::string symbols;  // what it exports: its Module.symvers
  int warnings = 0;     // of the compiler and of modpost
  // What sparse and checkpatch find in the module's own sources, a line each; nothing where they were not asked.
  std::optional<std::vector<std::string>> sparse, checkpatch;
  std::string unreadable;              // one line: which of these files sparse crashed on; empty: none
  std::vector<std::string> undefined;  // symbols that the .ko takes from elsewhere, sorted
  std::string licence;                 // of MODULE_LICENSE; empty: none
  // Files that the compiler read and that are neither among the sources, nor the kernel's, nor the compiler's own.
  std::vector<std::string> foreign_files;
  std::chrono::milliseconds took{0};
};

}  // namespace labctl
