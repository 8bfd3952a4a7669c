// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: init-hang
 * verdict: timeout
 * exit: 1
 * because: load
 *
 * Its init function keeps the CPU for ever. On one CPU without preemption the
 * agent cannot answer any more: the host ends the machine at the step's limit.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/sched.h>

static int __init fixture_init(void)
{
	for (;;)
		cpu_relax();
	return 0;
}

static void __exit fixture_exit(void)
{
}

module_init(fixture_init);
module_exit(fixture_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Init never ends and keeps the CPU");
MODULE_LICENSE("GPL");
