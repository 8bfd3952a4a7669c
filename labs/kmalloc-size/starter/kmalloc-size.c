// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab kmalloc-size: a table of COUNT elements of SIZE bytes, both from user
 * space, and what the allocator really gave for it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>

#define SHOWN 64

/* The kernel calls the functions of a module's parameters one at a time. */
static void *table;
static size_t asked;

static int table_set(const char *text, const struct kernel_param *kp)
{
	size_t count, size;
	char rest;

	if (sscanf(text, "%zu %zu %c", &count, &size, &rest) != 2)
		return -EINVAL;
	if (!count || !size)
		return -EINVAL;

	/*
	 * TODO: get a block of zeros for the new table. The user may ask for
	 * anything: more than there is, and more than 64 bits can count.
	 */

	/* TODO: put it in the old one's place, and remember what was asked. */
	return -ENOMEM;
}

static int table_get(char *buffer, const struct kernel_param *kp)
{
	size_t got;

	if (!table)
		return -ENODATA;

	/* TODO: how large is the block really? */
	got = asked;
	return sprintf(buffer, "asked %zu, got %zu, waste %zu%%\n", asked, got,
		       (got - asked) * 100 / got);
}

static const struct kernel_param_ops table_ops = {
	.set = table_set,
	.get = table_get,
};
module_param_cb(table, &table_ops, NULL, 0644);
MODULE_PARM_DESC(table, "write COUNT SIZE for a new table");

static int fill_set(const char *text, const struct kernel_param *kp)
{
	u8 value;
	int err;

	err = kstrtou8(text, 0, &value);
	if (err)
		return err;
	if (!table)
		return -ENODATA;

	/* TODO: set every byte of the table that was asked for. */
	return 0;
}

static int fill_get(char *buffer, const struct kernel_param *kp)
{
	if (!table)
		return -ENODATA;

	return sprintf(buffer, "%*phN\n", (int)min_t(size_t, asked, SHOWN),
		       table);
}

static const struct kernel_param_ops fill_ops = {
	.set = fill_set,
	.get = fill_get,
};
module_param_cb(fill, &fill_ops, NULL, 0644);
MODULE_PARM_DESC(fill, "write a byte for the whole table; read its beginning");

static int __init kmalloc_size_init(void)
{
	return 0;
}

static void __exit kmalloc_size_exit(void)
{
	/* TODO: what does the module still have? */
}

module_init(kmalloc_size_init);
module_exit(kmalloc_size_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A table whose size comes from user space");
MODULE_LICENSE("GPL");
