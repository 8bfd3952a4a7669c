// Which files a module is built from, and the Kbuild that says so.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "model/lab.hpp"
#include "support/result.hpp"

namespace labctl {

struct SourceFile {
  std::string name;  // in the build folder: "hello.c"
  std::string bytes;
  std::filesystem::path shown;  // as the user knows it, for the compiler's messages
};

struct ModuleSource {
  std::string module;                // the .ko's name
  std::vector<std::string> objects;  // "hello.o": one for each .c
  std::vector<std::string> cflags;
  std::vector<SourceFile> files;  // .c and .h, sorted by name
  // Of symbols that other modules of the lab export and this one uses: lines of their Module.symvers.
  std::string symbols = {};
};

// Where the build folder has them.
inline constexpr const char* symbols_file = "used.symvers";

// Takes a module's sources from a folder: the files that the lab names and every .h beside them. For a module of one
// source, `replacement` says that the folder is the user's own: if it lacks the lab's file name but has exactly one
// .c, that one is taken. Fault::module when sources are missing, Fault::usage when the folder does not exist.
Result<ModuleSource> collect_sources(const ModuleSpec& spec, const std::filesystem::path& folder, bool replacement);

// The same from a single .c file, whatever its name.
Result<ModuleSource> collect_single_file(const ModuleSpec& spec, const std::filesystem::path& file);

// Pure: the Kbuild file. -g is always there, so that lines can be found later; it changes no instruction.
std::string make_kbuild(const ModuleSource& source);

// Pure: kbuild's and the compiler's messages as the user should see them: the paths of the build folder are those
// of the user's files, make's own chatter is gone.
std::string readable_messages(const std::string& output, const ModuleSource& source, const std::string& build_folder);

}  // namespace labctl
