// SPDX-License-Identifier: GPL-2.0-only
/*
 * mutant: init-error
 * kills: greets when it is loaded
 * because: load hello-lkm
 * kills: says goodbye and leaves nothing behind
 * because: load hello-lkm
 *
 * Greets, but then says that it could not be loaded.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

static int __init hello_init(void)
{
	pr_info("Hello, kernel world\n");
	return -ENODEV;
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
