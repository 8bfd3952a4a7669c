// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work that goes on by itself: a timer that wakes a thread, threads that count,
 * and work that is put off. /proc/clockwork says how far they are.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#define MAX_COUNTERS 64

static unsigned int delay = 100;
module_param(delay, uint, 0444);
MODULE_PARM_DESC(delay, "milliseconds until the timer fires (default: 100)");

static unsigned int counters;
module_param(counters, uint, 0444);
MODULE_PARM_DESC(counters, "how many threads count (default: none)");

static unsigned int work_delay;
module_param(work_delay, uint, 0444);
MODULE_PARM_DESC(work_delay, "milliseconds until work (default: no work)");

#define COUNTS 1000

static ktime_t began;
static atomic_t counted = ATOMIC_INIT(0);
static struct task_struct *threads[MAX_COUNTERS];

static bool fired;
static DECLARE_WAIT_QUEUE_HEAD(waiting);
static struct task_struct *waiter;
static struct timer_list timer;

static void timer_fires(struct timer_list *unused)
{
	pr_info("timer fired\n");
	WRITE_ONCE(fired, true);
	wake_up(&waiting);
}

static int wait_for_timer(void *data)
{
	pr_info("thread waits\n");
	wait_event(waiting, READ_ONCE(fired) || kthread_should_stop());
	if (READ_ONCE(fired))
		pr_info("thread woke up\n");

	/* A thread that has ended cannot be stopped. */
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	pr_info("thread stopped\n");
	return 0;
}

static int count_up(void *data)
{
	int i;

	for (i = 0; i < COUNTS; i++)
		atomic_inc(&counted);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	return 0;
}

static void do_work(struct work_struct *unused)
{
	pr_info("work done\n");
}

static DECLARE_DELAYED_WORK(work, do_work);

static int clockwork_show(struct seq_file *m, void *v)
{
	seq_printf(m, "age %lld\n", ktime_ms_delta(ktime_get(), began));
	seq_printf(m, "counted %d\n", atomic_read(&counted));
	return 0;
}

static void stop_counters(void)
{
	int i;

	for (i = 0; i < MAX_COUNTERS && threads[i]; i++)
		kthread_stop(threads[i]);
}

static int start_counters(void)
{
	struct task_struct *thread;
	unsigned int i;

	if (counters > MAX_COUNTERS)
		return -EINVAL;

	for (i = 0; i < counters; i++) {
		thread = kthread_run(count_up, NULL, "counter/%u", i);
		if (IS_ERR(thread)) {
			stop_counters();
			return PTR_ERR(thread);
		}
		threads[i] = thread;
	}
	return 0;
}

static int __init clockwork_init(void)
{
	int err;

	began = ktime_get();
	timer_setup(&timer, timer_fires, 0);

	err = start_counters();
	if (err)
		return err;

	waiter = kthread_run(wait_for_timer, NULL, "clockwork");
	if (IS_ERR(waiter)) {
		err = PTR_ERR(waiter);
		goto err_counters;
	}

	if (!proc_create_single("clockwork", 0444, NULL, clockwork_show)) {
		err = -ENOMEM;
		goto err_waiter;
	}

	mod_timer(&timer, jiffies + msecs_to_jiffies(delay));
	if (work_delay)
		schedule_delayed_work(&work, msecs_to_jiffies(work_delay));
	return 0;

err_waiter:
	kthread_stop(waiter);
err_counters:
	stop_counters();
	return err;
}

static void __exit clockwork_exit(void)
{
	remove_proc_entry("clockwork", NULL);
	flush_delayed_work(&work);
	del_timer_sync(&timer);
	kthread_stop(waiter);
	stop_counters();
	pr_info("stopped\n");
}

module_init(clockwork_init);
module_exit(clockwork_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A timer, threads and work");
MODULE_LICENSE("GPL");
