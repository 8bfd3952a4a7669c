#include "image/image.hpp"

#include <gtest/gtest.h>

#include "image/cpio.hpp"
#include "support/sha256.hpp"

namespace labctl {
namespace {

TEST(Cpio, HeaderAsTheKernelReadsIt) {
  CpioWriter archive;
  archive.file("init", "abc", 0755);
  const std::string bytes = archive.finish();
  EXPECT_EQ(bytes.substr(0, 6), "070701");
  EXPECT_EQ(bytes.substr(14, 8), "000081ED") << "regular file, 0755";
  EXPECT_EQ(bytes.substr(54, 8), "00000003") << "size";
  EXPECT_EQ(bytes.substr(94, 8), "00000005") << "name with its NUL";
  EXPECT_EQ(bytes.substr(110, 5), std::string("init\0", 5));
  EXPECT_EQ(bytes.substr(116, 3), "abc") << "data begins at a multiple of 4";
  EXPECT_NE(bytes.find("TRAILER!!!"), std::string::npos);
  EXPECT_EQ(bytes.size() % 512, 0U);
}

TEST(Initramfs, SameInputsSameBytes) {
  const auto make = [] { return make_initramfs("BUSYBOX", {"cat", "sh"}, "AGENT", {{"etc/passwd", "root"}}); };
  EXPECT_EQ(sha256_hex(make()), sha256_hex(make()));
  EXPECT_NE(make(), make_initramfs("BUSYBOX", {"cat", "sh"}, "AGENT2", {{"etc/passwd", "root"}})) << "the control";
}

TEST(StaticProgram, RefusesWhatIsNoElf) {
  auto answer = is_static_program(LABCTL_SOURCE "/CMakeLists.txt");
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("is not an ELF program"), std::string::npos);
}

TEST(StaticProgram, ThisTestIsDynamic) {
  auto answer = is_static_program("/proc/self/exe");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_FALSE(*answer);
}

}  // namespace
}  // namespace labctl
