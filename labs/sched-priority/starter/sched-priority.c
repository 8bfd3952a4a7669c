// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab sched-priority: policies and priorities, seen and set.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pid.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/seq_file.h>
#include <linux/version.h>
#include <linux/wait.h>
#include <uapi/linux/sched/types.h>

#define ENTRY_NAME "priority"

static bool fifo;
module_param(fifo, bool, 0444);
MODULE_PARM_DESC(fifo, "whether the module's thread is SCHED_FIFO (default N)");

static int nice;
module_param(nice, int, 0444);
MODULE_PARM_DESC(nice, "the module's thread's nice value, -20 to 19 (default 0)");

static struct task_struct *thread;

/* Whom the file is about. */
static pid_t chosen;

static DECLARE_WAIT_QUEUE_HEAD(stopped);

/* Nobody wakes the queue; kthread_stop() wakes the thread itself. */
static int sleep_until_stop(void *unused)
{
	wait_event_interruptible(stopped, kthread_should_stop());
	return 0;
}

/* TODO: a function that makes a thread SCHED_FIFO, on old and new kernels. */

static int priority_show(struct seq_file *m, void *v)
{
	/*
	 * TODO: look up the chosen thread and print its number, policy, nice
	 * value, and priorities, one a line; ESRCH if it is not there any more.
	 */
	seq_printf(m, "tid %d\n", chosen);
	return 0;
}

static int priority_open(struct inode *inode, struct file *file)
{
	return single_open(file, priority_show, NULL);
}

static ssize_t priority_write(struct file *file, const char __user *buf,
			      size_t count, loff_t *ppos)
{
	/* TODO: choose a thread, if there is one of that number. */
	return count;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops priority_ops = {
	.proc_open = priority_open,
	.proc_read = seq_read,
	.proc_write = priority_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations priority_ops = {
	.owner = THIS_MODULE,
	.open = priority_open,
	.read = seq_read,
	.write = priority_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int __init priority_init(void)
{
	int err;

	/* TODO: refuse a nice value that there is not. */

	thread = kthread_run(sleep_until_stop, NULL, "scheduled");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	chosen = task_pid_nr(thread);

	/* TODO: set its nice value and, if it is to be so, its policy. */

	if (!proc_create(ENTRY_NAME, 0644, NULL, &priority_ops)) {
		err = -ENOMEM;
		goto stop;
	}
	return 0;

stop:
	kthread_stop(thread);
	return err;
}

static void __exit priority_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
	kthread_stop(thread);
}

module_init(priority_init);
module_exit(priority_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Shows a thread's scheduling policy and priorities");
MODULE_LICENSE("GPL");
