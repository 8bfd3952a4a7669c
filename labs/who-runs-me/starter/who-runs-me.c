// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab who-runs-me: in which context do the module's functions run, and which
 * process is current there?
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#define ENTRY_NAME "who_runs_me"

#ifndef in_hardirq	/* before 5.11 */
#define in_hardirq() in_irq()
#endif

static unsigned int delay = 10;
module_param(delay, uint, 0444);
MODULE_PARM_DESC(delay, "after how many ms the timer runs (default 10)");

enum place { AT_INIT, AT_READ, AT_LOCKED, AT_IRQ, AT_WORK, AT_TIMER, PLACES };

static struct note {
	const char *place;
	const char *context;
	bool may_sleep;
	pid_t tid;
	pid_t tgid;
	char name[TASK_COMM_LEN];
} notes[PLACES] = {
	[AT_INIT] = { .place = "init" },
	[AT_READ] = { .place = "read" },
	[AT_LOCKED] = { .place = "locked" },
	[AT_IRQ] = { .place = "irq" },
	[AT_WORK] = { .place = "work" },
	[AT_TIMER] = { .place = "timer" },
};

/* Is called in every context, so nothing in it may sleep or take a lock. */
static void note(enum place place)
{
	struct note *n = &notes[place];

	/*
	 * TODO: note the context, whether one may sleep here, and the numbers
	 * and the name of current.
	 */
	n->context = "unknown";
}

/*
 * TODO: an irq_work, a work item and a timer, with a function each that makes
 * a note. The timer's must also tell the reader that it has run.
 */

static int who_show(struct seq_file *m, void *v)
{
	int i;

	/* TODO: let only one reader at a time in here. */

	note(AT_READ);

	/* TODO: make the note AT_LOCKED while bottom halves are disabled. */

	/* TODO: queue the irq_work, and wait until it has run. */

	/*
	 * TODO: start the timer and sleep until it has run; a signal ends the
	 * wait. Either way nothing of it may be left afterwards.
	 */

	/* TODO: schedule the work item, and wait until it has run. */

	for (i = 0; i < PLACES; i++)
		seq_printf(m, "%s %s %s %d %d %s\n", notes[i].place,
			   notes[i].context ?: "unknown",
			   notes[i].may_sleep ? "yes" : "no",
			   notes[i].tid, notes[i].tgid, notes[i].name);
	return 0;
}

static int __init who_init(void)
{
	/* TODO: make the note AT_INIT. */
	if (!proc_create_single(ENTRY_NAME, 0444, NULL, who_show))
		return -ENOMEM;
	return 0;
}

static void __exit who_exit(void)
{
	/* Waits for readers to leave. */
	remove_proc_entry(ENTRY_NAME, NULL);
}

module_init(who_init);
module_exit(who_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Tells who is current in each context");
MODULE_LICENSE("GPL");
