// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gives out ids, each to one at a time, from two bitmaps and without a lock.
 * /proc/ids shows which are used, and which are marked.
 *
 * Lab bit-ops: what would be right on one CPU, in a program of one thread.
 * Nearly.
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

static bool is_set(const unsigned long *map, unsigned int id)
{
	return map[id / BITS_PER_LONG] & (1 << (id % BITS_PER_LONG));
}

static void set(unsigned long *map, unsigned int id)
{
	map[id / BITS_PER_LONG] |= 1 << (id % BITS_PER_LONG);
}

static void clear(unsigned long *map, unsigned int id)
{
	map[id / BITS_PER_LONG] &= ~(1 << (id % BITS_PER_LONG));
}

int id_get(void)
{
	unsigned int id;

	for (id = 0; id < IDS; id++) {
		if (is_set(used, id))
			continue;
		set(used, id);
		return id;
	}
	return -ENOSPC;
}
EXPORT_SYMBOL_GPL(id_get);

int id_put(unsigned int id)
{
	if (id >= IDS)
		return -EINVAL;
	if (!is_set(used, id))
		return -ENOENT;

	clear(used, id);
	clear(marked, id);
	return 0;
}
EXPORT_SYMBOL_GPL(id_put);

int id_mark(unsigned int id)
{
	bool before;

	if (id >= IDS)
		return -EINVAL;

	before = is_set(marked, id);
	set(marked, id);
	return before;
}
EXPORT_SYMBOL_GPL(id_mark);

int id_unmark(unsigned int id)
{
	bool before;

	if (id >= IDS)
		return -EINVAL;

	before = is_set(marked, id);
	clear(marked, id);
	return before;
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

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Gives out ids from a bitmap, without a lock");
MODULE_LICENSE("GPL");
