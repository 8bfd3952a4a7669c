// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts, as long as it is loaded, how often another module changes a list
 * while it holds no spinlock. A debug kernel calls a function of its own at
 * every change, to check the list; here a probe is put on it. A helper of
 * labs/oom-killer and labs/spinlock-sleep.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/preempt.h>

struct change {
	struct kprobe probe;
	/* The preemption count in the probe if no lock is held. */
	int without_lock;
};

static atomic_t unlocked;

static int list_changes(struct kprobe *probe, struct pt_regs *regs)
{
	struct change *change = container_of(probe, struct change, probe);
	unsigned long caller = *(unsigned long *)regs->sp;

	if (within_module(caller, THIS_MODULE))
		change->without_lock = preempt_count();
	else if (caller >= MODULES_VADDR && caller < MODULES_END &&
		 preempt_count() <= change->without_lock)
		atomic_inc(&unlocked);
	return 0;
}

/* With it a probe is not optimized, and the count stays what it was. */
static void list_changed(struct kprobe *probe, struct pt_regs *regs,
			 unsigned long flags)
{
}

static struct change add = {
	.probe = {
		.symbol_name = "__list_add_valid",
		.pre_handler = list_changes, .post_handler = list_changed
	}
};

static struct change del = {
	.probe = {
		.symbol_name = "__list_del_entry_valid",
		.pre_handler = list_changes, .post_handler = list_changed
	}
};

static int __init inspector_init(void)
{
	static LIST_HEAD(list);
	static LIST_HEAD(item);
	int err;

	/* Other kernels do not check their lists, and nothing is counted. */
	if (!IS_ENABLED(CONFIG_DEBUG_LIST))
		return 0;
	err = register_kprobe(&add.probe);
	if (err)
		return err;
	err = register_kprobe(&del.probe);
	if (err) {
		unregister_kprobe(&add.probe);
		return err;
	}

	list_add(&item, &list);
	list_del(&item);
	return 0;
}

static void __exit inspector_exit(void)
{
	if (IS_ENABLED(CONFIG_DEBUG_LIST)) {
		unregister_kprobe(&del.probe);
		unregister_kprobe(&add.probe);
	}
	pr_info("the list was changed %d times without the spinlock\n",
		atomic_read(&unlocked));
}

module_init(inspector_init);
module_exit(inspector_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Counts who changes lists without a spinlock");
MODULE_LICENSE("GPL");
