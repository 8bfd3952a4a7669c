// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: init-sleep
 * verdict: timeout
 * exit: 1
 * because: load
 *
 * Its init function sleeps for ever in a way that no signal ends. The agent
 * lives and can still answer, the step cannot end.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/sched.h>

static int __init fixture_init(void)
{
	for (;;)
		schedule_timeout_uninterruptible(MAX_SCHEDULE_TIMEOUT);
	return 0;
}

static void __exit fixture_exit(void)
{
}

module_init(fixture_init);
module_exit(fixture_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Init sleeps for ever");
MODULE_LICENSE("GPL");
