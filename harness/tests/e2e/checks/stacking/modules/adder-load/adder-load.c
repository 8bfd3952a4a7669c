// SPDX-License-Identifier: GPL-2.0-only
/* Adds 1 to times with every thread, in adder and in the reference. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

long adder_add(long number);
long adder_reference_add(long number);

static unsigned int threads = 2;
module_param(threads, uint, 0444);
MODULE_PARM_DESC(threads, "how many threads add (default: 2)");

static unsigned int times = 100;
module_param(times, uint, 0444);
MODULE_PARM_DESC(times, "how many numbers each of them adds (default: 100)");

static atomic_t working;
static DECLARE_COMPLETION(all_done);

static int add_numbers(void *data)
{
	unsigned int i;

	for (i = 1; i <= times; i++) {
		adder_add(i);
		adder_reference_add(i);
	}
	if (atomic_dec_and_test(&working))
		complete(&all_done);
	return 0;
}

static int __init load_init(void)
{
	struct task_struct *thread;
	unsigned int i;
	int err = 0;

	/* One more than there are threads, so that none of them is the last. */
	atomic_set(&working, 1);
	for (i = 0; i < threads; i++) {
		atomic_inc(&working);
		thread = kthread_run(add_numbers, NULL, "adder_load/%u", i);
		if (IS_ERR(thread)) {
			atomic_dec(&working);
			err = PTR_ERR(thread);
			break;
		}
	}
	if (!atomic_dec_and_test(&working))
		wait_for_completion(&all_done);
	return err;
}

static void __exit load_exit(void)
{
}

module_init(load_init);
module_exit(load_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A load for modules that add");
MODULE_LICENSE("GPL");
