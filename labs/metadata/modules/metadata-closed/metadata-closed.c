// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that says it is not free software, and so taints the kernel.
 */
#include <linux/init.h>
#include <linux/module.h>

static int __init metadata_closed_init(void)
{
	return 0;
}

static void __exit metadata_closed_exit(void)
{
}

module_init(metadata_closed_init);
module_exit(metadata_closed_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Taints the kernel");
MODULE_LICENSE("Proprietary");
