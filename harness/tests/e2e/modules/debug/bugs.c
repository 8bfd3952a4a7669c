// SPDX-License-Identifier: GPL-2.0-only
/*
 * One mistake for each checker of the debug flavour, chosen with kind=. A plain kernel notices none of them.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/string.h>

static char *kind = "none";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "use-after-free, sleep-in-atomic, lock-order, shift");

static int bits = 40;
module_param(bits, int, 0444);
MODULE_PARM_DESC(bits, "how far to shift");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static noinline void use_after_free(void)
{
	char *block = kmalloc(64, GFP_KERNEL);

	if (!block)
		return;
	kfree(block);
	pr_info("bugs: read %d\n", READ_ONCE(block[8]) & 0);
}

static noinline void sleep_in_atomic(void)
{
	preempt_disable();
	might_sleep();
	preempt_enable();
}

static noinline void lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static noinline void shift(void)
{
	pr_info("bugs: shifted to %d\n", 1 << bits);
}

static int __init bugs_init(void)
{
	if (!strcmp(kind, "use-after-free"))
		use_after_free();
	else if (!strcmp(kind, "sleep-in-atomic"))
		sleep_in_atomic();
	else if (!strcmp(kind, "lock-order"))
		lock_order();
	else if (!strcmp(kind, "shift"))
		shift();
	pr_info("bugs: %s done\n", kind);
	return 0;
}

static void __exit bugs_exit(void)
{
}

module_init(bugs_init);
module_exit(bugs_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Mistakes that only a debug kernel notices");
