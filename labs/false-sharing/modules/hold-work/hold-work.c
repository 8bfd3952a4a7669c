// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds up whoever queues work in another module, until "go" is set, and counts
 * them: so a measurement stops in the middle. They sleep meanwhile, in a
 * function that a probe puts in front of the kernel's own.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/workqueue.h>

static int go;
module_param(go, int, 0644);
MODULE_PARM_DESC(go, "1: let them queue their work");

static atomic_t held;
module_param_named(held, held.counter, int, 0444);
MODULE_PARM_DESC(held, "how many were held up");

/* For 8 s at most: what is tested may well have a fault. */
static bool queue_later(int cpu, struct workqueue_struct *wq,
			struct work_struct *work)
{
	int i;

	atomic_inc(&held);
	for (i = 0; i < 8000 && !READ_ONCE(go); i++)
		usleep_range(500, 1000);
	return queue_work_on(cpu, wq, work);
}

static int before_queue_work_on(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned long caller = *(unsigned long *)regs->sp;

	if (READ_ONCE(go) || caller < MODULES_VADDR || caller >= MODULES_END ||
	    within_module(caller, THIS_MODULE))
		return 0;
	/* All is as if queue_later() had been called: it has the arguments. */
	regs->ip = (unsigned long)queue_later;
	return 1;
}

/* A probe that has this may lead elsewhere. */
static void after_queue_work_on(struct kprobe *probe, struct pt_regs *regs,
				unsigned long flags)
{
}

static struct kprobe probe = {
	.symbol_name = "queue_work_on",
	.pre_handler = before_queue_work_on,
	.post_handler = after_queue_work_on
};

static int __init hold_work_init(void)
{
	return register_kprobe(&probe);
}

static void __exit hold_work_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(hold_work_init);
module_exit(hold_work_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Holds up who queues work");
MODULE_LICENSE("GPL");
