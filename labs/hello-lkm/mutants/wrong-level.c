// SPDX-License-Identifier: GPL-2.0-only
/*
 * mutant: wrong-level
 * kills: greets when it is loaded
 * because: Hello, kernel world
 *
 * Greets as a warning, which is for trouble that somebody should look at.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

static int __init hello_init(void)
{
	pr_warn("Hello, kernel world\n");
	return 0;
}

static void __exit hello_exit(void)
{
	pr_info("Goodbye, kernel world\n");
}

module_init(hello_init);
module_exit(hello_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Says hello at load and goodbye at unload");
MODULE_LICENSE("GPL");
