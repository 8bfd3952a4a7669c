// SPDX-License-Identifier: GPL-2.0
/* A module of two sources, of which one is two folders further up. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "../../convenient.h"
#include "shared.h"

static int __init tally_init(void)
{
	pr_info("%d and 3 is %d\n", FIRST_NUMBER, klib_add(FIRST_NUMBER, 3));
	return 0;
}

static void __exit tally_exit(void)
{
}

module_init(tally_init);
module_exit(tally_exit);

MODULE_DESCRIPTION("Adds with a function that other modules of the book share");
MODULE_LICENSE("GPL");
