// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes each udelay() of another module last 100 million cycles of the
 * processor, and counts them. On an emulated machine udelay() itself may be
 * much shorter than it should, and then nobody comes in between.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/timex.h>

static atomic_t looks;

/* In the place of __udelay(). */
static void look_long(unsigned long us)
{
	cycles_t begin = get_cycles();

	atomic_inc(&looks);
	while (get_cycles() - begin < 100000000)
		cpu_relax();
}

static int before_udelay(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned long caller = *(unsigned long *)regs->sp;

	if (caller < MODULES_VADDR || caller >= MODULES_END)
		return 0;
	regs->ip = (unsigned long)look_long;
	return 1;
}

/* A probe that has this may lead elsewhere. */
static void after_udelay(struct kprobe *probe, struct pt_regs *regs,
			 unsigned long flags)
{
}

static struct kprobe probe = {
	.symbol_name = "__udelay",
	.pre_handler = before_udelay, .post_handler = after_udelay
};

static int __init long_look_init(void)
{
	return register_kprobe(&probe);
}

static void __exit long_look_exit(void)
{
	unregister_kprobe(&probe);
	pr_info("%d packets were looked at\n", atomic_read(&looks));
}

module_init(long_look_init);
module_exit(long_look_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Makes the delays of modules long");
MODULE_LICENSE("GPL");
