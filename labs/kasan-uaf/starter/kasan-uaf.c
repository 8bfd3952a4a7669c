// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab kasan-uaf: a pad with the last three notes that were written, how many
 * bytes they have, and the longest note ever. It seems to work. Let KASAN tell
 * you where it uses what it has freed, and mend that.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define MAX_NOTES 3
#define MAX_TEXT 39

struct note {
	struct list_head entry;
	size_t bytes;
	char text[MAX_TEXT + 1];
};

static LIST_HEAD(pad);
static unsigned int notes;
static size_t bytes;
static struct note *longest;

static DEFINE_MUTEX(pad_lock);
static struct kmem_cache *note_cache;
static struct dentry *pad_file;

static void note_drop(struct note *note)
{
	list_del(&note->entry);
	kmem_cache_free(note_cache, note);
	notes--;
	bytes -= note->bytes;
}

static void note_add(struct note *note)
{
	lockdep_assert_held(&pad_lock);
	list_add_tail(&note->entry, &pad);
	notes++;
	bytes += note->bytes;
	if (!longest || note->bytes > longest->bytes)
		longest = note;

	if (notes > MAX_NOTES)
		note_drop(list_first_entry(&pad, struct note, entry));
}

static int pad_show(struct seq_file *m, void *v)
{
	struct note *note;

	mutex_lock(&pad_lock);
	list_for_each_entry(note, &pad, entry)
		seq_printf(m, "%s\n", note->text);
	seq_printf(m, "bytes %zu\n", bytes);
	seq_printf(m, "longest %s\n", longest ? longest->text : "");
	mutex_unlock(&pad_lock);
	return 0;
}

static int pad_open(struct inode *inode, struct file *file)
{
	return single_open(file, pad_show, NULL);
}

static ssize_t pad_write(struct file *file, const char __user *buf,
			 size_t count, loff_t *ppos)
{
	struct note *note;

	if (!count || count > MAX_TEXT)
		return -EINVAL;
	note = kmem_cache_zalloc(note_cache, GFP_KERNEL);
	if (!note)
		return -ENOMEM;
	if (copy_from_user(note->text, buf, count)) {
		kmem_cache_free(note_cache, note);
		return -EFAULT;
	}
	strim(note->text);
	note->bytes = strlen(note->text);

	mutex_lock(&pad_lock);
	note_add(note);
	mutex_unlock(&pad_lock);
	return count;
}

static const struct file_operations pad_ops = {
	.owner = THIS_MODULE,
	.open = pad_open,
	.read = seq_read,
	.write = pad_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init pad_init(void)
{
	note_cache = KMEM_CACHE(note, 0);
	if (!note_cache)
		return -ENOMEM;

	/* Not checked, as usual with debugfs: nobody depends on its files. */
	pad_file = debugfs_create_file("notes", 0644, NULL, NULL, &pad_ops);
	return 0;
}

static void __exit pad_exit(void)
{
	struct note *note;
	struct note *next;

	debugfs_remove(pad_file);
	list_for_each_entry_safe(note, next, &pad, entry)
		note_drop(note);
	kmem_cache_destroy(note_cache);
}

module_init(pad_init);
module_exit(pad_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A pad for notes");
MODULE_LICENSE("GPL");
