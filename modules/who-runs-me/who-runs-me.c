// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/who_runs_me tells in which context the module's functions run, and
 * which process is current there. The reference solution of
 * labs/who-runs-me.
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

/* One reader at a time makes notes and shows them. */
static DEFINE_MUTEX(reading);

static DECLARE_COMPLETION(timer_ran);

/* Is called in every context, so nothing in it may sleep or take a lock. */
static void note(enum place place)
{
	struct note *n = &notes[place];

	if (in_hardirq())
		n->context = "hardirq";
	else if (in_serving_softirq())
		n->context = "softirq";
	else
		n->context = "task";
	n->may_sleep = !in_interrupt() && !irqs_disabled();
	n->tid = task_pid_nr(current);
	n->tgid = task_tgid_nr(current);
	/*
	 * get_task_comm() takes a lock that is not made for interrupts; the
	 * name of current does not go away, at worst it is changed meanwhile.
	 */
	strscpy(n->name, current->comm, sizeof(n->name));
}

static void irq_function(struct irq_work *work)
{
	note(AT_IRQ);
}

static void work_function(struct work_struct *work)
{
	note(AT_WORK);
}

static void timer_function(struct timer_list *timer)
{
	note(AT_TIMER);
	complete(&timer_ran);
}

static struct irq_work irq_place;
static DECLARE_WORK(work_place, work_function);
static DEFINE_TIMER(timer_place, timer_function);

static int who_show(struct seq_file *m, void *v)
{
	int i;
	int err;

	err = mutex_lock_interruptible(&reading);
	if (err)
		return err;

	note(AT_READ);

	/* What spin_lock_bh() does, without a lock. */
	local_bh_disable();
	note(AT_LOCKED);
	local_bh_enable();

	irq_work_queue(&irq_place);
	irq_work_sync(&irq_place);

	reinit_completion(&timer_ran);
	mod_timer(&timer_place, jiffies + msecs_to_jiffies(delay));
	err = wait_for_completion_interruptible(&timer_ran);
	/* It may still be pending, or not have returned yet. */
	timer_delete_sync(&timer_place);

	schedule_work(&work_place);
	flush_work(&work_place);

	for (i = 0; !err && i < PLACES; i++)
		seq_printf(m, "%s %s %s %d %d %s\n", notes[i].place,
			   notes[i].context, notes[i].may_sleep ? "yes" : "no",
			   notes[i].tid, notes[i].tgid, notes[i].name);

	mutex_unlock(&reading);
	return err;
}

static int __init who_init(void)
{
	note(AT_INIT);
	init_irq_work(&irq_place, irq_function);
	if (!proc_create_single(ENTRY_NAME, 0444, NULL, who_show))
		return -ENOMEM;
	return 0;
}

static void __exit who_exit(void)
{
	/* Waits for readers; what they have started, they have ended. */
	remove_proc_entry(ENTRY_NAME, NULL);
}

module_init(who_init);
module_exit(who_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Tells who is current in each context");
MODULE_LICENSE("GPL");
