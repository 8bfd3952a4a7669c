// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses the bank of lab data-race, in the ways in which it goes wrong. What it
 * does is its parameter "job", done while it is loaded; the results are in the
 * kernel log.
 *
 * Two threads meet in the bank without luck: the first calls it, and while its
 * money is carried, which is when the bank calls back, the second one is sent
 * in. The first goes on when the second has come as far as it can: it is done,
 * its own money is carried, or it sleeps, because the bank made it wait.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/version.h>

#include "bank.h"

static char *job = "meet";
module_param(job, charp, 0444);
MODULE_PARM_DESC(job, "meet, count or refuse");

static long first_amount = 1;
module_param(first_amount, long, 0444);
MODULE_PARM_DESC(first_amount, "what the first thread moves from account 0 to 1");

static long second_amount = 1;
module_param(second_amount, long, 0444);
MODULE_PARM_DESC(second_amount, "what the second moves from account 2 to 1");

static DECLARE_COMPLETION(first_is_in);
static DECLARE_COMPLETION(first_done);
static DECLARE_COMPLETION(second_done);
static struct task_struct *second;
static bool second_began, second_is_in;
static int first_result, second_result;

static bool sleeps(struct task_struct *task)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
	return READ_ONCE(task->__state) != TASK_RUNNING;
#else
	return READ_ONCE(task->state) != TASK_RUNNING;
#endif
}

/* At most a second, for a bank in which a thread waits without sleeping. */
static int carry_first(void *arg)
{
	int asleep = 0;
	int i;

	complete(&first_is_in);
	for (i = 0; i < 1000 && asleep < 3; i++) {
		if (READ_ONCE(second_is_in) || completion_done(&second_done))
			break;
		if (READ_ONCE(second_began) && sleeps(second))
			asleep++;
		else
			asleep = 0;
		usleep_range(500, 1000);
	}
	return 0;
}

static int carry_second(void *arg)
{
	WRITE_ONCE(second_is_in, true);
	return 0;
}

static int do_first(void *arg)
{
	first_result = bank_transfer(0, 1, first_amount, carry_first, NULL);
	complete(&first_done);
	return 0;
}

static int do_second(void *arg)
{
	long copy[BANK_ACCOUNTS];
	long total = 0;
	int i;

	wait_for_completion(&first_is_in);
	WRITE_ONCE(second_began, true);
	if (!strcmp(job, "count")) {
		bank_snapshot(copy);
		for (i = 0; i < BANK_ACCOUNTS; i++)
			total += copy[i];
		pr_info("there was %ld in all while money was carried\n",
			total);
	} else {
		second_result = bank_transfer(2, 1, second_amount,
					      carry_second, NULL);
	}
	complete(&second_done);
	return 0;
}

static void run_both(void)
{
	struct task_struct *first;

	second = kthread_create(do_second, NULL, "teller-second");
	if (IS_ERR(second)) {
		pr_err("no second thread\n");
		return;
	}
	first = kthread_create(do_first, NULL, "teller-first");
	if (IS_ERR(first)) {
		pr_err("no first thread\n");
		kthread_stop(second);
		return;
	}
	get_task_struct(first);
	get_task_struct(second);
	kthread_bind(first, cpumask_first(cpu_online_mask));
	kthread_bind(second, cpumask_last(cpu_online_mask));
	wake_up_process(second);
	wake_up_process(first);

	wait_for_completion(&first_done);
	wait_for_completion(&second_done);
	/* They must have left this module's code before it goes. */
	kthread_stop(first);
	kthread_stop(second);
	put_task_struct(first);
	put_task_struct(second);

	pr_info("first transfer: %d\n", first_result);
	if (strcmp(job, "count"))
		pr_info("second transfer: %d\n", second_result);
}

static int robbed(void *arg)
{
	return -EIO;
}

static int __init teller_init(void)
{
	if (!strcmp(job, "refuse"))
		pr_info("robbed transfer: %d\n",
			bank_transfer(0, 1, first_amount, robbed, NULL));
	else
		run_both();
	return 0;
}

static void __exit teller_exit(void)
{
}

module_init(teller_init);
module_exit(teller_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Two threads that meet in a bank");
MODULE_LICENSE("GPL");
