// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: init-flood
 * verdict: crashed or timeout
 * exit: 1
 * because: load
 *
 * Its init function prints without end; after 2,000,000 lines it has made more
 * than 100 MB. labctl stops the machine at its cap or at the step's limit,
 * keeps a bounded log, and uses bounded memory and disk.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>

/* 64 bytes, so that a line with its time stamp has about 80. */
#define FILLER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static int __init fixture_init(void)
{
	unsigned long line;

	for (line = 0;; line++) {
		pr_info("%lu " FILLER "\n", line);
		cond_resched();
	}
	return 0;
}

static void __exit fixture_exit(void)
{
}

module_init(fixture_init);
module_exit(fixture_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Init prints without end");
MODULE_LICENSE("GPL");
