#include "dependencies.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "temporary_folder.hpp"

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Dependencies, AreReadAsTheCompilerLists) {
  EXPECT_THAT(files_in_list("/build/x.o: /build/x.c include/linux/kconfig.h \\\n arch/x86/include/asm/a.h \\\n"
                            " /build/my\\ file.h\n"),
              ElementsAre("/build/x.c", "include/linux/kconfig.h", "arch/x86/include/asm/a.h", "/build/my file.h"));
  EXPECT_THAT(files_in_list(""), IsEmpty());
}

TEST(Dependencies, AreReadAsKbuildListsThem) {
  EXPECT_THAT(
      files_in_list("\ndeps_/build/x.o := \\\n  include/linux/kconfig.h \\\n"
                    "    $(wildcard include/config/SMP) \\\n  /usr/lib/gcc/x86_64-linux-gnu/12/include/stdarg.h "
                    "\\\n\n/build/x.o: $(deps_/build/x.o)\n\n$(deps_/build/x.o):\n"),
      ElementsAre("include/linux/kconfig.h", "/usr/lib/gcc/x86_64-linux-gnu/12/include/stdarg.h"));
}

class ForeignFiles : public testing::Test {
 protected:
  std::vector<std::string> of(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() / name) << text;
    return foreign_files({*cache_, kernel_, options_, {}, folder_.path()});
  }
  const test::TemporaryFolder folder_, root_;
  const Result<Cache> cache_ = Cache::open(root_.path());
  const Kernel kernel_{};
  const ModuleBuildOptions options_{};  // in the sandbox the module is in /build, and the kernel in /kernel
};

TEST_F(ForeignFiles, AreThoseThatAreNobodys) {
  EXPECT_THAT(of(".x.o.d", "x.o: /build/x.c /build/sub/../y.h include/a.h /usr/lib/gcc/x/12/include/stdarg.h\n"),
              IsEmpty());
  EXPECT_THAT(of(".y.o.d", "y.o: /build/y.c /usr/include/stdio.h /build/../etc/passwd include/../../root/key\n"),
              ElementsAre("/etc/passwd", "/root/key", "/usr/include/stdio.h"));
}

TEST_F(ForeignFiles, AreFoundInWhatKbuildKeeps) {
  EXPECT_THAT(of(".x.o.cmd",
                 "cmd_/build/x.o := gcc -I/usr/include/other -o /build/x.o /build/x.c\n\nsource_/build/x.o := "
                 "/build/x.c\n\ndeps_/build/x.o := \\\n  include/a.h \\\n  /etc/hostname \\\n\n/build/x.o: "
                 "$(deps_/build/x.o)\n\n$(deps_/build/x.o):\n"),
              ElementsAre("/etc/hostname"));
}

}  // namespace
}  // namespace labctl
