# Writes HEADER, which has in NAME a digest of the files in FILES. Run by cmake -P at each build of one of them; the header
# is touched only where the digest changes.
set(sums "")
foreach(file IN LISTS FILES)
  file(SHA256 ${file} sum)
  string(APPEND sums "${sum}\n")
endforeach()
string(SHA256 digest "${sums}")
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#pragma once\n\n#include <string_view>\n
namespace labctl {\n
inline constexpr std::string_view @NAME@ = \"@digest@\";\n
}  // namespace labctl\n" @ONLY)
