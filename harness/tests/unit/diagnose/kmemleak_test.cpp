#include "diagnose/kmemleak.hpp"

#include <gmock/gmock.h>

namespace labctl {
namespace {

using std::chrono::milliseconds;
using testing::IsEmpty;
using testing::SizeIs;

// As 5.4 says it; 6.1 has other numbers in the brackets.
const std::string of_a_module = R"(unreferenced object 0xffff888003f3a040 (size 64):
  comm "insmod", pid 23, jiffies 4294893000 (age 7.340s)
  hex dump (first 32 bytes):
    6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
    6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
  backtrace:
    [<000000008b0a9f1e>] kmem_cache_alloc_trace+0x12/0x80
    [<00000000a5c2d0a6>] 0xffffffffa0002010
    [<00000000c7a1b1f3>] do_one_initcall+0x87/0x1e0
)";
const std::string of_the_kernel = R"(unreferenced object 0xffff888003f3b000 (size 128):
  comm "swapper/0", pid 1, jiffies 4294892297 (age 20.120s)
  hex dump (first 32 bytes):
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
  backtrace:
    [<(____ptrval____)>] kmem_cache_alloc_trace+0x12/0x80
    [<(____ptrval____)>] kernel_init+0x16/0x110
)";

TEST(Kmemleak, TellsOfWhatModulesAllocated) {
  const auto objects = leaked_objects(of_the_kernel + of_a_module + of_the_kernel, milliseconds(20'000));
  ASSERT_THAT(objects, SizeIs(1));
  EXPECT_EQ(objects[0].bytes, 64U);
  EXPECT_EQ(objects[0].allocated, milliseconds(12'660));
  ASSERT_THAT(objects[0].trace, SizeIs(3));
  EXPECT_EQ(objects[0].trace[0].function, "kmem_cache_alloc_trace");
  EXPECT_EQ(objects[0].trace[1].address, 0xffffffffa0002010);
  EXPECT_FALSE(objects[0].trace[1].exact) << "a return address";
  std::string without_age = of_a_module;
  without_age.erase(without_age.find(" (age"), std::string(" (age 7.340s)").size());
  EXPECT_EQ(leaked_objects(without_age, milliseconds(20'000)).at(0).allocated, milliseconds(20'000)) << "6.1.192";
  EXPECT_THAT(leaked_objects(of_a_module + of_a_module, milliseconds(20'000)), SizeIs(2));
}

TEST(Kmemleak, IsReadAsFarAsItGoes) {
  EXPECT_THAT(leaked_objects("", milliseconds(0)), IsEmpty());
  EXPECT_THAT(leaked_objects("    [<0>] 0xffffffffa0002010\n", milliseconds(0)), IsEmpty());
  for (std::size_t size = 0; size < of_a_module.size(); ++size)
    EXPECT_LE(leaked_objects(of_a_module.substr(0, size), milliseconds(0)).size(), 1U);
}

}  // namespace
}  // namespace labctl
