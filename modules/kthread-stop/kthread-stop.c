// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel thread that does a unit of work every so often, and more when asked
 * to by /proc/worker; it ends by itself or when the module goes. The reference
 * solution of labs/kthread-stop.
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

static struct task_struct *thread;
static DECLARE_WAIT_QUEUE_HEAD(wanted);
static atomic_t requests = ATOMIC_INIT(0);
static atomic_t done = ATOMIC_INIT(0);

/* Returns how many units it did. */
static int worker(void *unused)
{
	long pause = period ? msecs_to_jiffies(period) : MAX_SCHEDULE_TIMEOUT;

	while (!limit || atomic_read(&done) < limit) {
		long left;
		int units;

		/* kthread_stop() wakes it too, so a long pause ends at once. */
		left = wait_event_interruptible_timeout(wanted,
				atomic_read(&requests) || kthread_should_stop(),
				pause);
		if (kthread_should_stop())
			break;

		/* Taken all at once: what comes from here on is not lost. */
		units = atomic_xchg(&requests, 0);
		if (!left)
			units++;
		if (limit)
			units = min_t(int, units, limit - atomic_read(&done));
		atomic_add(units, &done);
	}
	return atomic_read(&done);
}

static int worker_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d %d\n", task_pid_nr(thread), atomic_read(&done));
	return 0;
}

static int worker_open(struct inode *inode, struct file *file)
{
	return single_open(file, worker_show, NULL);
}

static ssize_t worker_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *ppos)
{
	unsigned int units;
	int err;

	err = kstrtouint_from_user(buf, count, 10, &units);
	if (err)
		return err;
	if (units < 1 || units > MAX_UNITS)
		return -EINVAL;

	atomic_add(units, &requests);
	wake_up(&wanted);
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
	/* Not kthread_run(): it must not end before there is a reference. */
	thread = kthread_create(worker, NULL, "worker");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	get_task_struct(thread);

	if (!proc_create(ENTRY_NAME, 0644, NULL, &worker_ops))
		goto stop;
	wake_up_process(thread);
	return 0;

stop:
	kthread_stop(thread);
	put_task_struct(thread);
	return -ENOMEM;
}

static void __exit worker_exit(void)
{
	/* First those who might look at the thread or wake it. */
	remove_proc_entry(ENTRY_NAME, NULL);
	pr_info("%d units\n", kthread_stop(thread));
	put_task_struct(thread);
}

module_init(worker_init);
module_exit(worker_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A kernel thread that can be stopped");
MODULE_LICENSE("GPL");
