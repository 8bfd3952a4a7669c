// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses the price list of lab rw-locks, with two threads, while it is loaded.
 * The parameters say what each does; the results are in the kernel log.
 *
 * They meet without luck: when the first is where it is to be, in look(),
 * change() or announce(), it sends the second in, and goes on when that one has
 * come as far as it can: it is in there too, or it sleeps, because it has to
 * wait.
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

#include "prices.h"

static char *first = "look";
module_param(first, charp, 0444);
MODULE_PARM_DESC(first, "look, change, announce or fail");

static char *second = "look";
module_param(second, charp, 0444);
MODULE_PARM_DESC(second, "look or change");

static unsigned int article;
module_param(article, uint, 0444);
MODULE_PARM_DESC(article, "whose price");

static long first_rise;
module_param(first_rise, long, 0444);
MODULE_PARM_DESC(first_rise, "by how much the first thread raises it");

static long second_rise;
module_param(second_rise, long, 0444);
MODULE_PARM_DESC(second_rise, "by how much the second thread raises it");

static DECLARE_COMPLETION(second_may);
static DECLARE_COMPLETION(second_done);
static struct task_struct *second_thread;
static bool second_began, second_is_in, first_is_in, came_in;
static int torn, changed;

static bool sleeps(struct task_struct *task)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
	return READ_ONCE(task->__state) != TASK_RUNNING;
#else
	return READ_ONCE(task->state) != TASK_RUNNING;
#endif
}

/* At most a second, for a lock with which a thread waits without sleeping. */
static void send_second(void)
{
	int asleep = 0;
	int i;

	might_sleep();
	WRITE_ONCE(first_is_in, true);
	complete(&second_may);
	for (i = 0; i < 1000 && asleep < 3; i++) {
		if (READ_ONCE(second_is_in) || completion_done(&second_done))
			break;
		if (READ_ONCE(second_began) && sleeps(second_thread))
			asleep++;
		else
			asleep = 0;
		usleep_range(500, 1000);
	}
	WRITE_ONCE(first_is_in, false);
}

static void first_look(const struct price *price, void *arg)
{
	struct price before = *price;

	send_second();
	changed += before.net != price->net || before.tax != price->tax;
}

static int raise_slowly(struct price *price, void *arg)
{
	long net = price->net + first_rise;

	/* The net price is new already, the tax is still the old one. */
	price->net = net;
	send_second();
	price->net = net;
	price->tax = net / 5;
	return 0;
}

static int raise_quickly(struct price *price, void *arg)
{
	price->net += first_rise;
	price->tax = price->net / 5;
	return 0;
}

static int fail(struct price *price, void *arg)
{
	return -EIO;
}

static void no_announcement(const struct price *price, void *arg)
{
}

static void wrong_announcement(const struct price *price, void *arg)
{
	pr_info("announced a price that has not changed\n");
}

static void second_comes_in(void)
{
	WRITE_ONCE(second_is_in, true);
	came_in = READ_ONCE(first_is_in);
}

static void second_look(const struct price *price, void *arg)
{
	second_comes_in();
	torn += price->tax != price->net / 5;
}

static int second_change(struct price *price, void *arg)
{
	second_comes_in();
	price->net += second_rise;
	price->tax = price->net / 5;
	return 0;
}

static int do_second(void *unused)
{
	wait_for_completion(&second_may);
	WRITE_ONCE(second_began, true);
	if (!strcmp(second, "look"))
		prices_look(article, second_look, NULL);
	else
		prices_change(article, second_change, no_announcement, NULL);
	complete(&second_done);
	return 0;
}

static int do_first(void)
{
	if (!strcmp(first, "look"))
		return prices_look(article, first_look, NULL);
	if (!strcmp(first, "change"))
		return prices_change(article, raise_slowly, no_announcement,
				     NULL);
	if (!strcmp(first, "announce"))
		return prices_change(article, raise_quickly, first_look, NULL);
	return prices_change(article, fail, wrong_announcement, NULL);
}

static int __init shop_init(void)
{
	int result;

	second_thread = kthread_create(do_second, NULL, "shop-second");
	if (IS_ERR(second_thread))
		return PTR_ERR(second_thread);
	get_task_struct(second_thread);
	wake_up_process(second_thread);

	result = do_first();
	complete(&second_may);
	wait_for_completion(&second_done);
	/* It must have left this module's code before that goes. */
	kthread_stop(second_thread);
	put_task_struct(second_thread);

	pr_info("%s: %d, %s: the second %s\n", first, result, second,
		came_in ? "came in" : "was kept out");
	pr_info("torn %d, changed under a reader %d\n", torn, changed);
	return 0;
}

static void __exit shop_exit(void)
{
}

module_init(shop_init);
module_exit(shop_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Two threads that meet in a price list");
MODULE_LICENSE("GPL");
