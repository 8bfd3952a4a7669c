// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: init-panic
 * verdict: crashed
 * exit: 1
 * because: Kernel panic
 *
 * Its init function panics. The machine resets, the console log ends with the
 * panic, and labctl reports both.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

static int __init fixture_init(void)
{
	panic("fixture: nothing works any more\n");
	return 0;
}

static void __exit fixture_exit(void)
{
}

module_init(fixture_init);
module_exit(fixture_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Init panics");
MODULE_LICENSE("GPL");
