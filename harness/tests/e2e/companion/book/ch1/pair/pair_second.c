// SPDX-License-Identifier: GPL-2.0
#include <linux/init.h>
#include <linux/module.h>

static int __init pair_second_init(void)
{
	return 0;
}

static void __exit pair_second_exit(void)
{
}

module_init(pair_second_init);
module_exit(pair_second_exit);

MODULE_DESCRIPTION("The other one of two modules of one folder");
MODULE_LICENSE("GPL");
