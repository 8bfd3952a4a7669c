// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user of the module stacking, not under the GPL, that wants a ticket: not
 * for this one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

/* As in the header of the module stacking. */
int stacking_next(void);

static int __init stacking_thief_init(void)
{
	pr_info("ticket %d\n", stacking_next());
	return 0;
}

static void __exit stacking_thief_exit(void)
{
}

module_init(stacking_thief_init);
module_exit(stacking_thief_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Takes a ticket of the module stacking");
MODULE_LICENSE("Proprietary");
