// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab hello-lkm: greet at load, say goodbye at unload.
 */

/* Every pr_info() below starts with the module's name. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

static int __init hello_init(void)
{
	/* TODO: print "Hello, kernel world" at level info. */
	return 0;
}

/* TODO: an exit function that prints "Goodbye, kernel world". */

module_init(hello_init);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("My first module");
MODULE_LICENSE("GPL");
