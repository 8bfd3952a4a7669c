// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab debugfs-knobs: a census of bytes, with all of its insides in debugfs.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

#define LIMIT_MAX 4096

static u32 limit = LIMIT_MAX;
static u32 counts[256];

/* TODO: fold and writes; a lock for what is counted. */

/* TODO: a blob around the table. */

static ssize_t text_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	/* TODO: count the first bytes, as limit and fold say. */
	return count;
}

static const struct file_operations text_fops = {
	.owner = THIS_MODULE,
	.write = text_write,
};

static int limit_get(void *data, u64 *value)
{
	*value = READ_ONCE(limit);
	return 0;
}

static int limit_set(void *data, u64 value)
{
	/* TODO: what if the value makes no sense? */
	WRITE_ONCE(limit, value);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(limit_fops, limit_get, limit_set, "%llu\n");

static struct dentry *folder;

static int __init census_init(void)
{
	folder = debugfs_create_dir("census", NULL);
	debugfs_create_file_unsafe("limit", 0644, folder, NULL, &limit_fops);
	debugfs_create_file("text", 0200, folder, NULL, &text_fops);
	/* TODO: fold, writes and counts. */
	return 0;
}

static void __exit census_exit(void)
{
	/* TODO: undo what census_init() did. */
}

module_init(census_init);
module_exit(census_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A census of bytes with its insides in debugfs");
MODULE_LICENSE("GPL");
