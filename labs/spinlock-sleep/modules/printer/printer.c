// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses the spooler of lab spinlock-sleep. What it does is its parameter "job",
 * done while it is loaded; the results are in the kernel log.
 *
 * "atomic" adds a line with a spinlock held, and "poor" one for which there is
 * no memory. "print" prints all lines, with two
 * threads: when the first has a line in its hands, the second is sent in to
 * print as well. When that one is done, or sleeps, because it has to wait, the
 * first keeps its line until "go" is set: time for the test to look around.
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
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/version.h>

#include "spool.h"

static char *job = "print";
module_param(job, charp, 0444);
MODULE_PARM_DESC(job, "atomic, poor or print");

static char *text = "";
module_param(text, charp, 0444);
MODULE_PARM_DESC(text, "what is added");

static int go;
module_param(go, int, 0644);
MODULE_PARM_DESC(go, "1: print on");

static DEFINE_SPINLOCK(callers_lock);

static DECLARE_COMPLETION(second_may);
static DECLARE_COMPLETION(second_done);
static struct task_struct *second;
static bool second_began;
static int second_printed;

static bool sleeps(struct task_struct *task)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
	return READ_ONCE(task->__state) != TASK_RUNNING;
#else
	return READ_ONCE(task->state) != TASK_RUNNING;
#endif
}

/* At most a second, for a spooler in which a thread waits without sleeping. */
static void send_second(void)
{
	int asleep = 0;
	int i;

	complete(&second_may);
	for (i = 0; i < 1000 && asleep < 3; i++) {
		if (completion_done(&second_done))
			break;
		if (READ_ONCE(second_began) && sleeps(second))
			asleep++;
		else
			asleep = 0;
		usleep_range(500, 1000);
	}
}

static void print_second(const char *line, void *arg)
{
	pr_info("second prints %s\n", line);
}

static int do_second(void *arg)
{
	wait_for_completion(&second_may);
	WRITE_ONCE(second_began, true);
	second_printed = spool_print(print_second, NULL);
	complete(&second_done);
	return 0;
}

static void print_first(const char *line, void *arg)
{
	int *printed = arg;
	int i;

	might_sleep();
	pr_info("first prints %s\n", line);
	if (!(*printed)++) {
		send_second();
		pr_info("first has it in its hands\n");
		for (i = 0; i < 10000 && !READ_ONCE(go); i++)
			usleep_range(500, 1000);
	}
}

static int print_all(void)
{
	int printed = 0;
	int result;

	second = kthread_create(do_second, NULL, "printer-second");
	if (IS_ERR(second))
		return PTR_ERR(second);
	get_task_struct(second);
	wake_up_process(second);

	result = spool_print(print_first, &printed);
	complete(&second_may);
	wait_for_completion(&second_done);
	/* It must have left this module's code before that goes. */
	kthread_stop(second);
	put_task_struct(second);

	pr_info("first printed %d, second %d\n", result, second_printed);
	return 0;
}

/* The next allocation of this thread fails, in a kernel that has it so. */
static int add_without_memory(void)
{
#ifdef CONFIG_FAILSLAB
	int result;

	current->fail_nth = 1;
	result = spool_add(text);
	current->fail_nth = 0;
	return result;
#else
	return -ENOMEM;
#endif
}

static int __init printer_init(void)
{
	int result;

	if (!strcmp(job, "print"))
		return print_all();

	spin_lock(&callers_lock);
	if (!strcmp(job, "atomic"))
		result = spool_add(text);
	else
		result = add_without_memory();
	spin_unlock(&callers_lock);
	pr_info("added: %d\n", result);
	return 0;
}

static void __exit printer_exit(void)
{
}

module_init(printer_init);
module_exit(printer_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Two threads that print, and one who must not sleep");
MODULE_LICENSE("GPL");
