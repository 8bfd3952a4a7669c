// What a module was built from. Inside kmod/ only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "workshop.hpp"

namespace labctl {

// Pure: the files in a list that a compiler wrote for make ("x.o: x.c include/a.h \", gcc's -MD), or in what kbuild
// made of it ("deps_x.o := \", scripts/basic/fixdep.c).
std::vector<std::string> files_in_list(std::string_view list);

// Of all that was compiled in the build folder: files that are neither in it, nor in the kernel's tree, nor the
// compiler's own, as the compiler saw them; sorted. What an assembler includes is in no such list: that, the sandbox
// keeps away.
std::vector<std::string> foreign_files(const Workshop& shop);

}  // namespace labctl
