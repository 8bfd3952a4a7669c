// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab stacking: a module whose functions other modules call.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "stacking.h"

static int first = 1;
module_param(first, int, 0444);
MODULE_PARM_DESC(first, "number of the first ticket (default 1)");

/* TODO: the number of the next ticket. */

int stacking_next(void)
{
	/* TODO: take a ticket. */
	return 0;
}

int stacking_peek(void)
{
	/* TODO: look at the next number, and take nothing. */
	return 0;
}

/* TODO: export both functions, each to those who may call it. */

static int __init stacking_init(void)
{
	/* TODO: the first ticket has the number that the parameter says. */
	return 0;
}

static void __exit stacking_exit(void)
{
	/* TODO: print which number would have been next. */
}

module_init(stacking_init);
module_exit(stacking_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Hands out tickets to other modules");
MODULE_LICENSE("GPL");
