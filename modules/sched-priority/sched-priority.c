// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/priority shows the policy and the priorities of the thread whose number
 * was written to it; at first those of the module's own, which parameters
 * set. The reference solution of labs/sched-priority.
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

/* Modules may say that they need a real-time thread, and since 5.9 no more. */
static int make_fifo(struct task_struct *task)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 9, 0)
	sched_set_fifo(task);
	return 0;
#else
	/* What sched_set_fifo() gives: the middle. */
	struct sched_param param = { .sched_priority = MAX_USER_RT_PRIO / 2 };

	return sched_setscheduler(task, SCHED_FIFO, &param);
#endif
}

static int priority_show(struct seq_file *m, void *v)
{
	struct task_struct *task;

	rcu_read_lock();
	/* It may have ended since its number was written. */
	task = pid_task(find_vpid(chosen), PIDTYPE_PID);
	if (!task) {
		rcu_read_unlock();
		return -ESRCH;
	}
	seq_printf(m, "tid %d\n", task_pid_nr(task));
	seq_printf(m, "policy %u\n", task->policy);
	seq_printf(m, "nice %d\n", task_nice(task));
	seq_printf(m, "rt_priority %u\n", task->rt_priority);
	seq_printf(m, "static_prio %d\n", task->static_prio);
	seq_printf(m, "normal_prio %d\n", task->normal_prio);
	seq_printf(m, "prio %d\n", task->prio);
	rcu_read_unlock();
	return 0;
}

static int priority_open(struct inode *inode, struct file *file)
{
	return single_open(file, priority_show, NULL);
}

static ssize_t priority_write(struct file *file, const char __user *buf,
			      size_t count, loff_t *ppos)
{
	int number;
	int err;

	err = kstrtoint_from_user(buf, count, 10, &number);
	if (err)
		return err;

	rcu_read_lock();
	if (!pid_task(find_vpid(number), PIDTYPE_PID))
		err = -ESRCH;
	rcu_read_unlock();
	if (err)
		return err;

	chosen = number;
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

static int __init make_entry(void)
{
	return proc_create(ENTRY_NAME, 0644, NULL, &priority_ops) ? 0 : -ENOMEM;
}

static int __init priority_init(void)
{
	int err;

	if (nice < MIN_NICE || nice > MAX_NICE) {
		pr_err("nice out of range: %d\n", nice);
		return -EINVAL;
	}

	thread = kthread_run(sleep_until_stop, NULL, "scheduled");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	chosen = task_pid_nr(thread);

	set_user_nice(thread, nice);
	err = fifo ? make_fifo(thread) : 0;
	if (err)
		goto stop;

	err = make_entry();
	if (err)
		goto stop;
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

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Shows a thread's scheduling policy and priorities");
MODULE_LICENSE("GPL");
