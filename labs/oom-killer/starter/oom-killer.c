// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab oom-killer: a reserve of memory that is given back when there is none
 * left, before anybody is killed; and how bad a process looks to the OOM
 * killer.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>

/* The reserve is in blocks of 1 MiB. */
#define BLOCK_ORDER (20 - PAGE_SHIFT)
#define BLOCKS_AT_ONCE 8

/*
 * Protects the reserve. Whoever needs memory may find none, on any CPU, and
 * then gets here: so nothing is allocated while it is held.
 */
static DEFINE_SPINLOCK(reserve_lock);
static LIST_HEAD(reserve);
static unsigned int nr_blocks;
static unsigned int nr_calls;

static int add_block(void)
{
	/* TODO: get 1 MiB, without anybody being killed for it. */
	/* TODO: put it into the reserve. */
	return -ENOMEM;
}

/* Says how many pages that were. */
static unsigned long drop_block(void)
{
	/* TODO: take a block out of the reserve, if there is one, and free it. */
	return 0;
}

static int out_of_memory_now(struct notifier_block *nb, unsigned long unused,
			     void *freed)
{
	/* TODO: count the call, and give blocks back. Who must know how much? */
	return NOTIFY_OK;
}

/* TODO: a struct notifier_block for it. */

static int reserve_set(const char *text, const struct kernel_param *kp)
{
	unsigned int wanted;
	int err;

	err = kstrtouint(text, 0, &wanted);
	if (err)
		return err;

	/* TODO: drop or add blocks until there are as many as wanted. */
	return err;
}

static int reserve_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "reserve %u\ncalls %u\n", nr_blocks, nr_calls);
}

static const struct kernel_param_ops reserve_ops = {
	.set = reserve_set,
	.get = reserve_get,
};
module_param_cb(reserve, &reserve_ops, NULL, 0644);
MODULE_PARM_DESC(reserve, "how many MiB to hold in reserve");

static int pid;

static int process_get(char *buffer, const struct kernel_param *kp)
{
	/* TODO: find the process, and what counts for the OOM killer. */
	return -ESRCH;
}

static const struct kernel_param_ops process_ops = {
	.set = param_set_int,
	.get = process_get,
};
module_param_cb(process, &process_ops, &pid, 0644);
MODULE_PARM_DESC(process, "write a PID, read how bad the process looks");

static int __init oom_killer_init(void)
{
	/* TODO: have yourself called when memory has run out. */
	return 0;
}

static void __exit oom_killer_exit(void)
{
	/* TODO: undo that, and give the whole reserve back. */
}

module_init(oom_killer_init);
module_exit(oom_killer_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A reserve for when memory has run out");
MODULE_LICENSE("GPL");
