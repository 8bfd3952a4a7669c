// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user of the module stacking, under the GPL: takes a ticket at load.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

/* As in the header of the module stacking. */
int stacking_next(void);

static int __init stacking_open_init(void)
{
	pr_info("ticket %d\n", stacking_next());
	return 0;
}

static void __exit stacking_open_exit(void)
{
}

module_init(stacking_open_init);
module_exit(stacking_open_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Takes a ticket of the module stacking");
MODULE_LICENSE("GPL");
