// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: init-error
 * verdict: failed
 * exit: 1
 * because: ENODEV
 *
 * Its init function finds no device. The step that loads it fails with that
 * errno, and its test with it.
 */
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>

static int __init fixture_init(void)
{
	return -ENODEV;
}

static void __exit fixture_exit(void)
{
}

module_init(fixture_init);
module_exit(fixture_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Init returns an error");
MODULE_LICENSE("GPL");
