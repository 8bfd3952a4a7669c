// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel thread that stays on one CPU, a function that is called on every
 * CPU, and the CPUs that a process may use: all are seen in /proc/affinity. The
 * reference solution of labs/cpu-affinity.
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

/* A counter for each CPU, which no other CPU writes: no lock, no atomic. */
static DEFINE_PER_CPU(unsigned int, calls);

static DECLARE_WAIT_QUEUE_HEAD(stopped);

/* Nobody wakes the queue; kthread_stop() wakes the thread itself. */
static int sleep_until_stop(void *unused)
{
	wait_event_interruptible(stopped, kthread_should_stop());
	return 0;
}

/* Runs in an interrupt on each CPU, so it must not sleep. */
static void count_call(void *unused)
{
	this_cpu_inc(calls);
}

static int affinity_show(struct seq_file *m, void *v)
{
	struct task_struct *task;
	unsigned int i;

	/* 1: wait until all have done it. */
	on_each_cpu(count_call, NULL, 1);

	seq_printf(m, "thread %d\n", task_pid_nr(thread));
	for_each_online_cpu(i)
		seq_printf(m, "cpu %u calls %u\n", i, per_cpu(calls, i));

	rcu_read_lock();
	task = pid_task(find_vpid(chosen), PIDTYPE_PID);
	/* It may have ended since it was chosen. */
	if (task)
		seq_printf(m, "process %d cpus %*pbl\n", task_pid_nr(task),
			   cpumask_pr_args(&task->cpus_mask));
	rcu_read_unlock();
	return 0;
}

static int affinity_open(struct inode *inode, struct file *file)
{
	return single_open(file, affinity_show, NULL);
}

static ssize_t affinity_write(struct file *file, const char __user *buf,
			      size_t count, loff_t *ppos)
{
	int err = kstrtoint_from_user(buf, count, 10, &chosen);

	return err ?: count;
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
	if (cpu >= nr_cpu_ids || !cpu_online(cpu)) {
		pr_err("there is no CPU %u\n", cpu);
		return -EINVAL;
	}

	thread = kthread_create(sleep_until_stop, NULL, "affine/%u", cpu);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	/* Only before it runs, and for good: no program can change it. */
	kthread_bind(thread, cpu);
	chosen = task_pid_nr(thread);
	wake_up_process(thread);

	if (!proc_create(ENTRY_NAME, 0644, NULL, &affinity_ops))
		goto stop;
	return 0;

stop:
	kthread_stop(thread);
	return -ENOMEM;
}

static void __exit affinity_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
	kthread_stop(thread);
}

module_init(affinity_init);
module_exit(affinity_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Threads and functions on the CPUs where they belong");
MODULE_LICENSE("GPL");
