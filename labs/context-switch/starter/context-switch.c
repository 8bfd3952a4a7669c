// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab context-switch: two threads on one CPU hand a token to and fro.
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

/*
 * TODO: who has the token, what each player waits on, the two threads, and what
 * keeps two games apart and tells the end of one.
 */

static unsigned int rounds;

/*
 * TODO: give the token to one of the players, and wake it.
 *
 * TODO: sleep until it is a player's turn, or it has been told to stop.
 *
 * TODO: the two players, who do so. Ping begins, counts the rounds, takes the
 * time and says when the game is over.
 */

static void show_counts(struct seq_file *m, const char *who,
			struct task_struct *task)
{
	/* TODO: print how often it gave up the CPU, and how often it had to. */
	seq_printf(m, "%s %d\n", who, task_pid_nr(task));
}

static int switches_show(struct seq_file *m, void *v)
{
	/* TODO: print the time of the last game, in all and for each switch. */
	seq_printf(m, "rounds %u\n", rounds);

	/* TODO: the counts of both players. */
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
	/* TODO: refuse 0, and more than MAX_ROUNDS. */

	/* TODO: have a game of so many rounds played, and wait for its end. */
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

static int __maybe_unused make_fifo(struct task_struct *task)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 9, 0)
	sched_set_fifo(task);
	return 0;
#else
	struct sched_param param = { .sched_priority = MAX_USER_RT_PRIO / 2 };

	return sched_setscheduler(task, SCHED_FIFO, &param);
#endif
}

/* TODO: make a player: bound to CPU, SCHED_FIFO, and then woken. */

static int __init switches_init(void)
{
	/* TODO: make both players. */

	if (!proc_create(ENTRY_NAME, 0644, NULL, &switches_ops))
		return -ENOMEM;
	return 0;
}

static void __exit switches_exit(void)
{
	/* Waits for the game that is under way. */
	remove_proc_entry(ENTRY_NAME, NULL);
	/* TODO: stop both players. */
}

module_init(switches_init);
module_exit(switches_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Measures and counts context switches");
MODULE_LICENSE("GPL");
