// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module for other modules: it hands out tickets with numbers. Whoever calls
 * its functions is stacked on it. The reference solution of labs/stacking.
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

/* Static: others get at it through the functions only. */
static atomic_t next_ticket;

int stacking_next(void)
{
	/* One step, so that two callers on two CPUs never get the same. */
	return atomic_inc_return(&next_ticket) - 1;
}
EXPORT_SYMBOL_GPL(stacking_next);

int stacking_peek(void)
{
	return atomic_read(&next_ticket);
}
EXPORT_SYMBOL(stacking_peek);

static int __init stacking_init(void)
{
	/* Nobody calls before this has returned: until then no user loads. */
	atomic_set(&next_ticket, first);
	return 0;
}

static void __exit stacking_exit(void)
{
	/* Nobody calls any more: a module with users is not unloaded. */
	pr_info("next would have been %d\n", atomic_read(&next_ticket));
}

module_init(stacking_init);
module_exit(stacking_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Hands out tickets to other modules");
MODULE_LICENSE("GPL");
