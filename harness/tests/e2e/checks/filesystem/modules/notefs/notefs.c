// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file system of one file, note. What is written there belongs to the module,
 * not to the mount: it is still there when the file system is mounted again.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#define NOTEFS_MAGIC	0x6e6f7465
#define NOTE_SIZE	4096

static char note[NOTE_SIZE];
static size_t note_length;
/* Guards both. */
static DEFINE_MUTEX(note_lock);

static ssize_t note_read(struct file *file, char __user *buf, size_t count,
			 loff_t *ppos)
{
	ssize_t ret;

	mutex_lock(&note_lock);
	ret = simple_read_from_buffer(buf, count, ppos, note, note_length);
	mutex_unlock(&note_lock);
	return ret;
}

static ssize_t note_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	ssize_t ret;

	mutex_lock(&note_lock);
	ret = simple_write_to_buffer(note, sizeof(note), ppos, buf, count);
	if (ret > 0)
		note_length = *ppos;
	mutex_unlock(&note_lock);
	return ret;
}

static const struct file_operations note_ops = {
	.owner = THIS_MODULE,
	.read = note_read,
	.write = note_write,
	.llseek = default_llseek,
};

static int notefs_fill_super(struct super_block *sb, void *data, int silent)
{
	/* Number 1 is the root. */
	static const struct tree_descr files[] = {
		[2] = {"note", &note_ops, 0644},
		{""},
	};

	return simple_fill_super(sb, NOTEFS_MAGIC, files);
}

static struct dentry *notefs_mount(struct file_system_type *type, int flags,
				   const char *name, void *data)
{
	return mount_single(type, flags, data, notefs_fill_super);
}

static struct file_system_type notefs_type = {
	.owner = THIS_MODULE,
	.name = "notefs",
	.mount = notefs_mount,
	.kill_sb = kill_litter_super,
};

static int __init notefs_init(void)
{
	return register_filesystem(&notefs_type);
}

static void __exit notefs_exit(void)
{
	unregister_filesystem(&notefs_type);
}

module_init(notefs_init);
module_exit(notefs_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A file system of one file");
MODULE_LICENSE("GPL");
