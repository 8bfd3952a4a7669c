#include "loadcheck/loading_kernel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace labctl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

TEST(Vermagic, IsThatOfTheConfig) {
  EXPECT_EQ(vermagic_of("6.1.192", "CONFIG_SMP=y\nCONFIG_PREEMPT_NONE=y\nCONFIG_MODULE_UNLOAD=y\n"),
            "6.1.192 SMP mod_unload ");
  EXPECT_EQ(vermagic_of("5.4.286",
                        "CONFIG_SMP=y\nCONFIG_PREEMPT=y\nCONFIG_MODULE_UNLOAD=y\n# CONFIG_MODVERSIONS is not set\n"),
            "5.4.286 SMP preempt mod_unload ");
  EXPECT_EQ(vermagic_of("6.1.192", "CONFIG_PREEMPT_RT=y\nCONFIG_MODVERSIONS=y\n"), "6.1.192 preempt_rt modversions ");
  EXPECT_EQ(vermagic_of("6.1.192", ""), "6.1.192 ");
}

TEST(Symvers, HasAllItsColumns) {
  const auto exports = parse_symvers(
      "0x1a2b3c4d\tpair_next\t/build/pair_first\tEXPORT_SYMBOL_GPL\tPAIR\n"
      "0x00000000\t_printk\tvmlinux\tEXPORT_SYMBOL\n"
      "no line of it\n");
  ASSERT_EQ(exports.size(), 2U);
  EXPECT_EQ(exports[0].name, "pair_next");
  EXPECT_EQ(exports[0].module, "pair_first");
  EXPECT_EQ(exports[0].crc, 0x1a2b3c4dU);
  EXPECT_TRUE(exports[0].gpl_only);
  EXPECT_EQ(exports[0].name_space, "PAIR");
  EXPECT_EQ(exports[1].module, "vmlinux");
  EXPECT_FALSE(exports[1].gpl_only);
}

TEST(Declarations, NameTheOptionsAroundThem) {
  constexpr const char* header = R"(#ifndef _LINUX_THING_H
#define _LINUX_THING_H
/* thing_a() is documented here */
#ifdef CONFIG_THING
# if defined(CONFIG_MORE) || IS_ENABLED(CONFIG_OTHER)
extern int thing_a(struct thing *thing);
# endif
int thing_b(void);
#else
static inline int thing_b(void) { return thing_c(); }
int thing_e(void);
#endif
#ifndef CONFIG_NOTHING
struct thing *thing_d(void);
#endif
#define thing_f(x) thing_a(x)
extern int thing_array[];
#endif
)";
  EXPECT_THAT(options_around(header, "thing_a"), Optional(ElementsAre("CONFIG_THING", "CONFIG_MORE", "CONFIG_OTHER")));
  EXPECT_THAT(options_around(header, "thing_b"), Optional(ElementsAre("CONFIG_THING")));
  EXPECT_THAT(options_around(header, "thing_d"), Optional(IsEmpty())) << "where an option is not set";
  EXPECT_THAT(options_around(header, "thing_e"), Optional(IsEmpty()));
  EXPECT_THAT(options_around(header, "thing_array"), Optional(IsEmpty()));
  for (const char* none : {"thing_c", "thing_f", "thing", "a", "no_such_thing"})
    EXPECT_EQ(options_around(header, none), std::nullopt) << none;
}

}  // namespace
}  // namespace labctl
