// SPDX-License-Identifier: GPL-2.0-only
/*
 * mutant: no-exit
 * kills: says goodbye and leaves nothing behind
 * because: unload hello-lkm
 *
 * Has no exit function, so that the kernel keeps it until the next boot.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

static int __init hello_init(void)
{
	pr_info("Hello, kernel world\n");
	return 0;
}

module_init(hello_init);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Says hello at load and goodbye at unload");
MODULE_LICENSE("GPL");
