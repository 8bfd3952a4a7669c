// What collecting sources from a folder and from a tree share. Inside kmod/ only.
#pragma once

#include <string>

#include "kmod/module_source.hpp"

namespace labctl {

// Whether a source's name leads out of the module's folder.
bool climbs(const std::string& name);
// "core.c" → "core.o".
std::string object_of(const std::string& source);
// The last thing to do to a source: what is left are names that kbuild takes, in order, each once.
void finish(ModuleSource& source);

}  // namespace labctl
