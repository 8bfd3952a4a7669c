// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gives out ids, each to one at a time, from two bitmaps and without a lock.
 * /proc/ids shows which are used, and which are marked. The reference solution
 * of labs/bit-ops.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "ids.h"

static DECLARE_BITMAP(used, IDS);
static DECLARE_BITMAP(marked, IDS);

int id_get(void)
{
	unsigned int id;

	/* It was free a moment ago. Whoever sets it first has it. */
	do {
		id = find_first_zero_bit(used, IDS);
		if (id >= IDS)
			return -ENOSPC;
	} while (test_and_set_bit(id, used));

	return id;
}
EXPORT_SYMBOL_GPL(id_get);

int id_put(unsigned int id)
{
	if (id >= IDS)
		return -EINVAL;

	/* First the mark: once the id is free, the mark is the next owner's. */
	clear_bit(id, marked);
	if (!test_and_clear_bit(id, used))
		return -ENOENT;
	return 0;
}
EXPORT_SYMBOL_GPL(id_put);

int id_mark(unsigned int id)
{
	if (id >= IDS)
		return -EINVAL;
	return test_and_set_bit(id, marked);
}
EXPORT_SYMBOL_GPL(id_mark);

int id_unmark(unsigned int id)
{
	if (id >= IDS)
		return -EINVAL;
	return test_and_clear_bit(id, marked);
}
EXPORT_SYMBOL_GPL(id_unmark);

static int ids_show(struct seq_file *m, void *v)
{
	seq_printf(m, "used: %*pbl\n", IDS, used);
	seq_printf(m, "marked: %*pbl\n", IDS, marked);
	return 0;
}

static int __init ids_init(void)
{
	if (!proc_create_single("ids", 0444, NULL, ids_show))
		return -ENOMEM;
	return 0;
}

static void __exit ids_exit(void)
{
	remove_proc_entry("ids", NULL);
}

module_init(ids_init);
module_exit(ids_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Gives out ids from a bitmap, without a lock");
MODULE_LICENSE("GPL");
