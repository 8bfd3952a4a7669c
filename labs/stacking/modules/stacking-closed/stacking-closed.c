// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user of the module stacking, not under the GPL: looks at the next number.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

/* As in the header of the module stacking. */
int stacking_peek(void);

static int __init stacking_closed_init(void)
{
	pr_info("next is %d\n", stacking_peek());
	return 0;
}

static void __exit stacking_closed_exit(void)
{
}

module_init(stacking_closed_init);
module_exit(stacking_closed_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Looks at the tickets of the module stacking");
MODULE_LICENSE("Proprietary");
