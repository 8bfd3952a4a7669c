// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a byte of memory that should be free, while it is being loaded. KASAN
 * reports it if the memory is free indeed, and does not if it is still in use.
 */
#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static unsigned long address;
module_param(address, ulong, 0444);
MODULE_PARM_DESC(address, "where to read");

static int __init peek_init(void)
{
	READ_ONCE(*(const char *)address);
	return 0;
}

static void __exit peek_exit(void)
{
}

module_init(peek_init);
module_exit(peek_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Reads a byte somewhere");
MODULE_LICENSE("GPL");
