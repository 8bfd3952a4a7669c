// SPDX-License-Identifier: GPL-2.0-only
/*
 * A census of bytes, with all of its insides in debugfs: settings, counters
 * and the raw table. The reference solution of labs/debugfs-knobs.
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
static bool fold;

/* Guards the counters: adding one takes several steps. */
static DEFINE_MUTEX(census_lock);
static u32 writes;
static u32 counts[256];

static struct debugfs_blob_wrapper counts_blob = {
	.data = counts,
	.size = sizeof(counts),
};

static ssize_t text_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	/* Root may turn a knob at any moment: this write sees one setting. */
	size_t len = min_t(size_t, count, READ_ONCE(limit));
	bool folding = READ_ONCE(fold);
	u8 *text;
	size_t i;

	text = memdup_user(buf, len);
	if (IS_ERR(text))
		return PTR_ERR(text);

	mutex_lock(&census_lock);
	for (i = 0; i < len; i++)
		counts[folding ? tolower(text[i]) : text[i]]++;
	writes++;
	mutex_unlock(&census_lock);

	kfree(text);
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
	if (value < 1 || value > LIMIT_MAX)
		return -EINVAL;
	WRITE_ONCE(limit, value);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(limit_fops, limit_get, limit_set, "%llu\n");

static struct dentry *folder;

/*
 * Nothing here is checked, on purpose: debugfs functions take the error of
 * another as a parent, and the module works without its knobs as well.
 */
static int __init census_init(void)
{
	folder = debugfs_create_dir("census", NULL);
	debugfs_create_bool("fold", 0644, folder, &fold);
	debugfs_create_u32("writes", 0644, folder, &writes);
	debugfs_create_blob("counts", 0444, folder, &counts_blob);
	debugfs_create_file_unsafe("limit", 0644, folder, NULL, &limit_fops);
	debugfs_create_file("text", 0200, folder, NULL, &text_fops);
	return 0;
}

static void __exit census_exit(void)
{
	debugfs_remove_recursive(folder);
}

module_init(census_init);
module_exit(census_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A census of bytes with its insides in debugfs");
MODULE_LICENSE("GPL");
