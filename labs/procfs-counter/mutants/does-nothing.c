// SPDX-License-Identifier: GPL-2.0-only
/*
 * mutant: does-nothing
 * kills: counts its readers
 * because: read /proc/counter
 * kills: can be set
 * because: to /proc/counter
 * kills: refuses what is not a number
 * because: to /proc/counter
 * kills: can be read in pieces
 * because: to /proc/counter
 * kills: leaves nothing behind
 * because: read /proc/counter
 *
 * Loads and unloads, and that is all.
 */
#include <linux/init.h>
#include <linux/module.h>

static int __init counter_init(void)
{
	return 0;
}

static void __exit counter_exit(void)
{
}

module_init(counter_init);
module_exit(counter_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A counter in /proc that can be read and set");
MODULE_LICENSE("GPL");
