// SPDX-License-Identifier: GPL-2.0-only
/*
 * mutant: does-nothing
 * kills: greets when it is loaded
 * because: Hello, kernel world
 * kills: says goodbye and leaves nothing behind
 * because: Goodbye, kernel world
 *
 * Loads and unloads without a word.
 */
#include <linux/init.h>
#include <linux/module.h>

static int __init hello_init(void)
{
	return 0;
}

static void __exit hello_exit(void)
{
}

module_init(hello_init);
module_exit(hello_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Says hello at load and goodbye at unload");
MODULE_LICENSE("GPL");
