// Which files a module is built from, and the Kbuild that says so.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kmod/source_tree.hpp"
#include "model/lab.hpp"
#include "support/result.hpp"

namespace labctl {

struct SourceFile {
  std::string name;  // in the build folder: "hello.c"; of a tree: "ch4/hello/hello.c"
  std::string bytes;
  std::filesystem::path shown;  // as the user knows it, for the compiler's messages
  bool own = true;              // written by the module's author, who answers for it; not the lab's
};

struct ModuleSource {
  std::string module;                // the .ko's name
  std::vector<std::string> objects;  // "hello.o": one for each .c; relative to folder
  std::vector<std::string> cflags;
  std::vector<SourceFile> files;  // .c and .h, sorted by name
  // Of symbols that other modules of the lab export and this one uses: lines of their Module.symvers.
  std::string symbols = {};
  // Where in the build folder the module is built: where in its tree it is; empty without a tree.
  std::string folder = {};
  std::shared_ptr<const SourceTree> tree = {};  // what is around the files, which come before what it has
  bool own_makefile = false;                    // the folder's, which is trusted; then objects are not known
  std::vector<std::pair<std::string, std::string>> make = {};
};

// Where the build folder has them, in the module's own folder.
inline constexpr const char* symbols_file = "used.symvers";

// Takes a module's sources from a folder: the files that the lab names and every .h beside them. For a module of one
// source, `replacement` says that the folder is the user's own: if it lacks the lab's file name but has exactly one
// .c, that one is taken. Of a replacement only the names in the folder are asked for, and the lab's small edits are not
// made in it. Fault::module when sources are missing, Fault::usage when the folder does not exist or an edit does not
// apply.
Result<ModuleSource> collect_sources(const ModuleSpec& spec, const std::filesystem::path& folder, bool replacement);

// The same from a single .c file, whatever its name: always a replacement.
Result<ModuleSource> collect_single_file(const ModuleSpec& spec, const std::filesystem::path& file);

// A module as its lab's author has it in a tree. Every error is the author's: Fault::usage.
Result<ModuleSource> collect_from_tree(const ModuleSpec& spec, std::shared_ptr<const SourceTree> tree);

// A replacement in the place of the module's folder in the tree, with those of the lab's sources that are elsewhere in
// it, and its headers. Nothing else of the tree is there to be seen, and its makefiles least of all.
Result<ModuleSource> place_in_tree(ModuleSource replacement, const ModuleSpec& spec, const SourceTree& tree);

// Pure: the Kbuild file. -g is always there, so that lines can be found later; it changes no instruction.
std::string make_kbuild(const ModuleSource& source);

// Pure: the flags that are added to kbuild's. src: what stands for the module's folder, to which -I is relative.
std::string added_flags(const ModuleSource& source, const std::string& src);

// Messages are kept without the names that one user's files have, which another user's of the same bytes have not:
// paths of the build folder begin with this.
inline constexpr std::string_view kept_folder = "<build>/";

// Pure: kbuild's and the compiler's messages as they are kept; make's own chatter is gone.
std::string kept_messages(const std::string& output, const std::string& build_folder);

// Pure: kept messages as the user should see them: the paths of the build folder are those of the user's files.
std::string readable_messages(std::string_view kept, const ModuleSource& source);

}  // namespace labctl
