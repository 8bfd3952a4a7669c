// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table of COUNT elements of SIZE bytes, both from user space, and what the
 * allocator really gave for it. The reference solution of labs/kmalloc-size.
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
	void *fresh;

	if (sscanf(text, "%zu %zu %c", &count, &size, &rest) != 2)
		return -EINVAL;
	if (!count || !size)
		return -EINVAL;

	/*
	 * kcalloc() notices when count * size does not fit into a size_t. A
	 * user who asks for too much is no bug of the kernel's: no warning.
	 */
	fresh = kcalloc(count, size, GFP_KERNEL | __GFP_NOWARN);
	if (!fresh)
		return -ENOMEM;

	/* Only now: whoever could not have a new table keeps the old one. */
	kfree(table);
	table = fresh;
	asked = count * size;
	return 0;
}

static int table_get(char *buffer, const struct kernel_param *kp)
{
	size_t got;

	if (!table)
		return -ENODATA;

	got = ksize(table);
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

	memset(table, value, asked);
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
	kfree(table);
}

module_init(kmalloc_size_init);
module_exit(kmalloc_size_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A table whose size comes from user space");
MODULE_LICENSE("GPL");
