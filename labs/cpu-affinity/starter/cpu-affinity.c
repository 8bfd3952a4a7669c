// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab cpu-affinity: threads and functions on the CPUs where they belong.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/pid.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/version.h>
#include <linux/wait.h>

#define ENTRY_NAME "affinity"

static unsigned int cpu;
module_param(cpu, uint, 0444);
MODULE_PARM_DESC(cpu, "the CPU of the module's thread (default 0)");

static struct task_struct *thread;

/* Whose CPUs the file shows. */
static pid_t chosen;

/* TODO: a counter for each CPU. */

static DECLARE_WAIT_QUEUE_HEAD(stopped);

/* Nobody wakes the queue; kthread_stop() wakes the thread itself. */
static int sleep_until_stop(void *unused)
{
	wait_event_interruptible(stopped, kthread_should_stop());
	return 0;
}

/* TODO: a function that counts, on each CPU, how often it was called there. */

static int affinity_show(struct seq_file *m, void *v)
{
	/* TODO: call the function on each CPU, and wait until all are through. */

	seq_printf(m, "thread %d\n", task_pid_nr(thread));

	/* TODO: a line for each CPU that is online, with its counter. */

	/* TODO: a line for the chosen process, if it is there, with its CPUs. */
	return 0;
}

static int affinity_open(struct inode *inode, struct file *file)
{
	return single_open(file, affinity_show, NULL);
}

static ssize_t affinity_write(struct file *file, const char __user *buf,
			      size_t count, loff_t *ppos)
{
	/* TODO: choose the process of that number. */
	return count;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops affinity_ops = {
	.proc_open = affinity_open,
	.proc_read = seq_read,
	.proc_write = affinity_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations affinity_ops = {
	.owner = THIS_MODULE,
	.open = affinity_open,
	.read = seq_read,
	.write = affinity_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int __init affinity_init(void)
{
	/* TODO: refuse a CPU that there is not, or that is switched off. */

	thread = kthread_create(sleep_until_stop, NULL, "affine/%u", cpu);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	/* TODO: bind it to its CPU. */
	chosen = task_pid_nr(thread);
	wake_up_process(thread);

	if (!proc_create(ENTRY_NAME, 0644, NULL, &affinity_ops)) {
		kthread_stop(thread);
		return -ENOMEM;
	}
	return 0;
}

static void __exit affinity_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
	kthread_stop(thread);
}

module_init(affinity_init);
module_exit(affinity_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Threads and functions on the CPUs where they belong");
MODULE_LICENSE("GPL");
