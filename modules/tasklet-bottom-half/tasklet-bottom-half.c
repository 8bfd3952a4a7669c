// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two halves of an interrupt: the top half only counts it and schedules a
 * tasklet, which handles what has come in. Interrupts are made by writing a
 * number to a file in debugfs. The reference solution of
 * labs/tasklet-bottom-half.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/seq_file.h>
#include <linux/version.h>

#define MAX_BURST 200
#define MAX_WORK 2
/* So many interrupts are handled in one run, to let others have the CPU. */
#define BUDGET 8

static unsigned int work;
module_param(work, uint, 0444);
MODULE_PARM_DESC(work, "milliseconds to handle an interrupt, from 0 to 2 (default 0)");

struct burst {
	struct irq_work raise;
	unsigned int count;
};

/* Written by the top half and the tasklet, on any CPU. */
static atomic_t pending = ATOMIC_INIT(0);
static const char *top_context = "nowhere";

/*
 * Written by the tasklet only, which never runs on two CPUs at once: that is
 * all the locking that they need.
 */
static unsigned int handled;
static unsigned int runs;
static const char *bottom_context = "nowhere";

static struct tasklet_struct bottom;
static struct dentry *irqs_file;

static const char *context_name(void)
{
	if (in_irq())
		return "hardirq";
	return in_serving_softirq() ? "softirq" : "process";
}

static void handle_pending(void)
{
	unsigned int budget = BUDGET;

	WRITE_ONCE(bottom_context, context_name());
	WRITE_ONCE(runs, runs + 1);

	while (budget && atomic_dec_if_positive(&pending) >= 0) {
		mdelay(work);
		WRITE_ONCE(handled, handled + 1);
		budget--;
	}

	/* Behind whatever else waits for this CPU's softirqs. */
	if (atomic_read(&pending))
		tasklet_schedule(&bottom);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 9, 0)
static void bottom_half(struct tasklet_struct *tasklet)
{
	handle_pending();
}
#else
static void bottom_half(unsigned long data)
{
	handle_pending();
}
#endif

/* The interrupt handler: no more than must be done at once. */
static void top_half(void)
{
	WRITE_ONCE(top_context, context_name());
	atomic_inc(&pending);
	tasklet_schedule(&bottom);
}

/* Called in a real interrupt, which the CPU sends to itself. */
static void burst_raised(struct irq_work *raise)
{
	struct burst *burst = container_of(raise, struct burst, raise);

	while (burst->count--)
		top_half();
}

static int irqs_show(struct seq_file *m, void *v)
{
	seq_printf(m, "top half in %s\n", READ_ONCE(top_context));
	seq_printf(m, "bottom half in %s\n", READ_ONCE(bottom_context));
	seq_printf(m, "handled %u in %u runs\n", READ_ONCE(handled),
		   READ_ONCE(runs));
	return 0;
}

static int irqs_open(struct inode *inode, struct file *file)
{
	return single_open(file, irqs_show, NULL);
}

static ssize_t irqs_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	struct burst burst;
	int err;

	err = kstrtouint_from_user(buf, count, 10, &burst.count);
	if (err)
		return err;
	if (!burst.count || burst.count > MAX_BURST)
		return -EINVAL;

	init_irq_work(&burst.raise, burst_raised);
	irq_work_queue(&burst.raise);
	irq_work_sync(&burst.raise);
	return count;
}

static const struct file_operations irqs_ops = {
	.owner = THIS_MODULE,
	.open = irqs_open,
	.read = seq_read,
	.write = irqs_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init irqs_init(void)
{
	if (work > MAX_WORK)
		return -EINVAL;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 9, 0)
	tasklet_setup(&bottom, bottom_half);
#else
	tasklet_init(&bottom, bottom_half, 0);
#endif

	/* Not checked, as usual with debugfs: nobody depends on its files. */
	irqs_file = debugfs_create_file("tasklet-bottom-half", 0644, NULL, NULL,
					&irqs_ops);
	return 0;
}

static void __exit irqs_exit(void)
{
	/* No more interrupts, and then the end of what they left to do. */
	debugfs_remove(irqs_file);
	for (;;) {
		tasklet_kill(&bottom);
		/* Killed while it ran, it could not come again. */
		if (!atomic_read(&pending))
			break;
		tasklet_schedule(&bottom);
	}
	pr_info("%u handled in %u runs\n", handled, runs);
}

module_init(irqs_init);
module_exit(irqs_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Interrupts whose work is done by a tasklet");
MODULE_LICENSE("GPL");
