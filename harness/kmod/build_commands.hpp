// The commands by which kbuild makes a module, as kbuild itself prints them. Run directly they give the same bytes in a
// quarter of the time: the rest is make reading makefiles.
#pragma once

#include <string>
#include <string_view>

#include "kmod/module_source.hpp"

namespace labctl {

// What the commands are learned from: a module of nothing but its frame, with the shape (objects, flags) of a given
// one. A module of one source goes by a name of ours, so that what is learned serves every such module.
ModuleSource stand_in(const ModuleSource& source);

// Lines for the stand-in's Kbuild: make then leaves, in the file `environment_file` of the build folder, what it
// exports to its commands.
inline constexpr const char* environment_file = "environment";
std::string environment_rule();

// Pure: a shell script that does in `tree` what a build with V=1 printed; make's own lines are left out. `folder` is
// where that build was. Empty when there is nothing in it to run.
std::string build_script(std::string_view environment, std::string_view printed, const std::string& tree,
                         const std::string& folder);

// Pure: the script learned from a stand-in, for a module of the same shape in its own folder.
std::string script_for(std::string script, const ModuleSource& source, const std::string& folder);

}  // namespace labctl
