#include "source_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace labctl {
namespace {

using testing::ElementsAre;

TEST(OwnFindings, AreThoseOfTheAuthorsFiles) {
  ModuleSource source{"m", {"m.o"}, {}, {{"ch1/m.c", "", "mine/m.c"}, {"klib.c", "", "book/klib.c", false}}};
  source.folder = "ch1";
  const std::string printed =
      "<build>/ch1/m.c:4:5: warning: symbol 'n' was not declared. Should it be static?\n"
      "<build>/ch1/m.c:7:36: warning: incorrect type in argument 2 (different address spaces)\n"
      "<build>/ch1/m.c:7:36:    expected void const [noderef] __user *from\n"
      "<build>/ch1/../klib.c:1:5: warning: symbol 'k' was not declared. Should it be static?\n"
      "/kernel/include/linux/err.h:1:5: warning: the kernel's own\n"
      "<build>/ch1/m.c:9:1: error: no such thing\n";
  EXPECT_THAT(own_findings(printed, source, {": warning: ", ": error: "}),
              ElementsAre("<build>/ch1/m.c:4:5: warning: symbol 'n' was not declared. Should it be static?",
                          "<build>/ch1/m.c:7:36: warning: incorrect type in argument 2 (different address spaces)",
                          "<build>/ch1/m.c:9:1: error: no such thing"));
}

}  // namespace
}  // namespace labctl
