// Machines that end badly for a reason that only a disk or a reboot gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "driver.hpp"

namespace labctl::e2e {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class MachineEnds : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto missing = missing_kernel("6.1"); !missing.empty()) GTEST_SKIP() << missing;
  }
  Home home_{CacheOf::all};
};

constexpr const char* hanging_module = R"c(
#include <linux/module.h>
#include <linux/reboot.h>

static int wait_for_ever(struct notifier_block *block, unsigned long action, void *data)
{
	for (;;)
		cpu_relax();
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = wait_for_ever };

static int __init hang_init(void)
{
	return register_reboot_notifier(&notifier);
}

static void __exit hang_exit(void)
{
}

module_init(hang_init);
module_exit(hang_exit);
MODULE_LICENSE("GPL");
)c";

TEST_F(MachineEnds, AModuleThatHangsInTheRebootIsToBlame) {
  const auto lab = home_.put_lab("hangs", home_.put("reboot-hang.c", hanging_module),
                                 "      - load: reboot-hang\n      - reboot:\n        limit: 3s\n");
  const auto outcome = home_.labctl({"run", lab, "--kernel", "6.1", "--accel", "tcg"});
  EXPECT_EQ(outcome.end.exit_status, 1) << account_of(outcome);
  EXPECT_THAT(outcome.standard_output, HasSubstr("reboot: did not end within 3.00 s"));
  EXPECT_THAT(processes_mentioning(home_.path().string()), IsEmpty()) << "a QEMU is left";
}

}  // namespace
}  // namespace labctl::e2e
