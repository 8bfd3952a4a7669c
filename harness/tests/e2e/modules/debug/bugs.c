// SPDX-License-Identifier: GPL-2.0-only
/*
 * One mistake for each checker of the debug flavour, chosen with kind=. A plain kernel notices none of them.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>

static char *kind = "none";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "use-after-free, freed-string, freed-queue, random-overrun, sleep-in-atomic, lock-order, shift");

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

/*
 * In the next three the kernel's own code touches what it should not, for the module. A plain kernel's allocator keeps
 * its pointer at the start or in the middle of a free block: what is touched lies beside both.
 */
static noinline void freed_string(void)
{
	char *block = kmalloc(64, GFP_KERNEL);

	if (!block)
		return;
	memset(block, 0, 64);
	strcpy(block + 8, "gone");
	kfree(block);
	pr_info("bugs: %.8s\n", block + 8);
}

struct waiting {
	long first;
	wait_queue_head_t queue;
	char rest[128];
};

static noinline void freed_queue(void)
{
	struct waiting *waiting = kzalloc(sizeof(*waiting), GFP_KERNEL);

	if (!waiting)
		return;
	init_waitqueue_head(&waiting->queue);
	kfree(waiting);
	wake_up(&waiting->queue);
}

static noinline void random_overrun(void)
{
	char *block = kmalloc(40, GFP_KERNEL);

	if (!block)
		return;
	get_random_bytes(block, 48);
	kfree(block);
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
	else if (!strcmp(kind, "freed-string"))
		freed_string();
	else if (!strcmp(kind, "freed-queue"))
		freed_queue();
	else if (!strcmp(kind, "random-overrun"))
		random_overrun();
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
