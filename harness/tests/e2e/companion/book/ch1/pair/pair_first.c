// SPDX-License-Identifier: GPL-2.0
/* Exports a function; what it adds comes from the makefile. */
#include <linux/init.h>
#include <linux/module.h>

#include <convenient.h>

int pair_next(int n);

int pair_next(int n)
{
	return n + PAIR_STEP;
}
EXPORT_SYMBOL_GPL(pair_next);

static int __init pair_first_init(void)
{
	return 0;
}

static void __exit pair_first_exit(void)
{
}

module_init(pair_first_init);
module_exit(pair_first_exit);

MODULE_DESCRIPTION("One of two modules of one folder");
MODULE_LICENSE("GPL");
