// SPDX-License-Identifier: GPL-2.0
/* Uses what a module of another folder exports. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

int pair_next(int n);

static int __init pair_user_init(void)
{
	pr_info("after 1 comes %d\n", pair_next(1));
	return 0;
}

static void __exit pair_user_exit(void)
{
}

module_init(pair_user_init);
module_exit(pair_user_exit);

MODULE_DESCRIPTION("Uses a symbol of another module of the book");
MODULE_LICENSE("GPL");
