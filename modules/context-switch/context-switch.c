// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two threads on one CPU hand a token to and fro; /proc/switches says how long
 * that took, and how often who gave up the CPU. The reference solution of
 * labs/context-switch.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/seq_file.h>
#include <linux/version.h>
#include <linux/wait.h>
#include <uapi/linux/sched/types.h>

#define ENTRY_NAME "switches"
#define MAX_ROUNDS 10000
#define CPU 0

enum player { PING, PONG, NOBODY };

static enum player token = NOBODY;
static wait_queue_head_t turns[NOBODY];
static struct task_struct *threads[NOBODY];

/* One game at a time; what follows is about the last one. */
static DEFINE_MUTEX(game);
static DECLARE_COMPLETION(over);
static unsigned int rounds;
static s64 total_ns;

static void give(enum player to)
{
	WRITE_ONCE(token, to);
	wake_up(&turns[to]);
}

/* Returns false when there will be no turn any more. */
static bool wait_turn(enum player of)
{
	wait_event_interruptible(turns[of], READ_ONCE(token) == of ||
				 kthread_should_stop());
	return !kthread_should_stop();
}

static int ping(void *unused)
{
	while (wait_turn(PING)) {
		ktime_t start = ktime_get();
		unsigned int i;

		for (i = 0; i < rounds; i++) {
			give(PONG);
			wait_turn(PING);
		}
		total_ns = ktime_to_ns(ktime_sub(ktime_get(), start));
		WRITE_ONCE(token, NOBODY);
		complete(&over);
	}
	return 0;
}

static int pong(void *unused)
{
	while (wait_turn(PONG))
		give(PING);
	return 0;
}

static void show_counts(struct seq_file *m, const char *who,
			struct task_struct *task)
{
	seq_printf(m, "%s %d voluntary %lu involuntary %lu\n", who,
		   task_pid_nr(task), task->nvcsw, task->nivcsw);
}

static int switches_show(struct seq_file *m, void *v)
{
	mutex_lock(&game);
	seq_printf(m, "rounds %u\n", rounds);
	seq_printf(m, "total_ns %lld\n", total_ns);
	/* There and back: two switches a round. */
	seq_printf(m, "ns_per_switch %lld\n",
		   rounds ? div_s64(total_ns, 2 * rounds) : 0);
	mutex_unlock(&game);

	show_counts(m, "ping", threads[PING]);
	show_counts(m, "pong", threads[PONG]);
	show_counts(m, "reader", current);
	return 0;
}

static int switches_open(struct inode *inode, struct file *file)
{
	return single_open(file, switches_show, NULL);
}

static ssize_t switches_write(struct file *file, const char __user *buf,
			      size_t count, loff_t *ppos)
{
	unsigned int number;
	int err;

	err = kstrtouint_from_user(buf, count, 10, &number);
	if (err)
		return err;
	if (number < 1 || number > MAX_ROUNDS)
		return -EINVAL;

	mutex_lock(&game);
	rounds = number;
	give(PING);
	wait_for_completion(&over);
	mutex_unlock(&game);
	return count;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops switches_ops = {
	.proc_open = switches_open,
	.proc_read = seq_read,
	.proc_write = switches_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations switches_ops = {
	.owner = THIS_MODULE,
	.open = switches_open,
	.read = seq_read,
	.write = switches_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int make_fifo(struct task_struct *task)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 9, 0)
	sched_set_fifo(task);
	return 0;
#else
	struct sched_param param = { .sched_priority = MAX_USER_RT_PRIO / 2 };

	return sched_setscheduler(task, SCHED_FIFO, &param);
#endif
}

static int __init start(enum player player, int (*function)(void *),
			const char *name)
{
	struct task_struct *thread;
	int err;

	init_waitqueue_head(&turns[player]);
	thread = kthread_create(function, NULL, "%s", name);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	kthread_bind(thread, CPU);
	/* Among equals nobody is preempted by the one that it wakes. */
	err = make_fifo(thread);
	if (err)
		goto stop;
	threads[player] = thread;
	wake_up_process(thread);
	return 0;

stop:
	kthread_stop(thread);
	return err;
}

static int __init make_entry(void)
{
	return proc_create(ENTRY_NAME, 0644, NULL, &switches_ops) ? 0 : -ENOMEM;
}

static int __init switches_init(void)
{
	int err;

	err = start(PING, ping, "ping");
	if (err)
		return err;
	err = start(PONG, pong, "pong");
	if (err)
		goto stop_ping;
	err = make_entry();
	if (err)
		goto stop_pong;
	return 0;

stop_pong:
	kthread_stop(threads[PONG]);
stop_ping:
	kthread_stop(threads[PING]);
	return err;
}

static void __exit switches_exit(void)
{
	/* Waits for the game that is under way. */
	remove_proc_entry(ENTRY_NAME, NULL);
	kthread_stop(threads[PONG]);
	kthread_stop(threads[PING]);
}

module_init(switches_init);
module_exit(switches_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Measures and counts context switches");
MODULE_LICENSE("GPL");
