// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab kthread-stop: a kernel thread that works, waits, and stops when told.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/version.h>
#include <linux/wait.h>

#define ENTRY_NAME "worker"
#define MAX_UNITS 1000

static unsigned int period = 1000;
module_param(period, uint, 0444);
MODULE_PARM_DESC(period, "ms between two units (default 1000, 0: on demand)");

static unsigned int limit;
module_param(limit, uint, 0444);
MODULE_PARM_DESC(limit, "units after which the thread ends (default 0: none)");

/* TODO: the thread, what it waits for, and how much it has been asked for. */
static atomic_t done = ATOMIC_INIT(0);

/*
 * TODO: the thread's function. It does one unit after each pause of `period`
 * ms, and as many as are asked for as soon as they are; in between it sleeps.
 * It ends when it is told to, or after `limit` units. It returns how many units
 * it did.
 */

static int worker_show(struct seq_file *m, void *v)
{
	/* TODO: print the thread's pid and how many units it has done. */
	seq_printf(m, "%d %d\n", 0, atomic_read(&done));
	return 0;
}

static int worker_open(struct inode *inode, struct file *file)
{
	return single_open(file, worker_show, NULL);
}

static ssize_t worker_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *ppos)
{
	/* TODO: ask for 1 to MAX_UNITS units more, and wake the thread. */
	return count;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops worker_ops = {
	.proc_open = worker_open,
	.proc_read = seq_read,
	.proc_write = worker_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations worker_ops = {
	.owner = THIS_MODULE,
	.open = worker_open,
	.read = seq_read,
	.write = worker_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int __init worker_init(void)
{
	/* TODO: make the thread, and let it begin when all is ready. */

	if (!proc_create(ENTRY_NAME, 0644, NULL, &worker_ops))
		return -ENOMEM;
	return 0;
}

static void __exit worker_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
	/* TODO: stop the thread, and say how many units it did. */
}

module_init(worker_init);
module_exit(worker_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A kernel thread that can be stopped");
MODULE_LICENSE("GPL");
