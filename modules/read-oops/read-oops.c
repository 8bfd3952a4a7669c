// SPDX-License-Identifier: GPL-2.0-only
/*
 * A shelf with room for four boxes, each with a name and a number of things in
 * it. Commands are written to a file in debugfs. The reference solution of
 * labs/read-oops.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define MAX_BOXES 4
#define MAX_TEXT 63
#define MAX_NAME 15

struct box {
	char name[MAX_NAME + 1];
	unsigned int things;
	struct list_head entry;
};

static LIST_HEAD(shelf);
static unsigned int boxes;
static DEFINE_MUTEX(shelf_lock);
static struct kmem_cache *box_cache;
static struct dentry *shelf_file;

/* The box of this name, or NULL. */
static struct box *box_find(const char *name)
{
	struct box *box;

	list_for_each_entry(box, &shelf, entry) {
		if (!strcmp(box->name, name))
			return box;
	}
	return NULL;
}

/* The box of this name, an empty one if there was none, or an error. */
static struct box *box_get(const char *name)
{
	struct box *box = box_find(name);

	if (box)
		return box;
	if (boxes == MAX_BOXES)
		return ERR_PTR(-ENOSPC);

	box = kmem_cache_zalloc(box_cache, GFP_KERNEL);
	if (!box)
		return ERR_PTR(-ENOMEM);
	strscpy(box->name, name, sizeof(box->name));
	list_add_tail(&box->entry, &shelf);
	boxes++;
	return box;
}

static int shelf_put(const char *name, unsigned int things)
{
	struct box *box = box_get(name);

	if (IS_ERR(box))
		return PTR_ERR(box);
	box->things += things;
	return 0;
}

static int shelf_take(const char *name, unsigned int things)
{
	struct box *box = box_find(name);

	if (!box)
		return -ENOENT;
	if (box->things < things)
		return -EINVAL;
	box->things -= things;
	return 0;
}

/* What is in one box comes into the other. */
static int shelf_swap(const char *first, const char *second)
{
	struct box *a = box_find(first);
	struct box *b = box_find(second);

	if (!a || !b)
		return -ENOENT;
	swap(a->things, b->things);
	return 0;
}

static void shelf_clear(void)
{
	struct box *box;
	struct box *next;

	list_for_each_entry_safe(box, next, &shelf, entry) {
		list_del(&box->entry);
		kmem_cache_free(box_cache, box);
	}
	boxes = 0;
}

static int shelf_command(const char *text)
{
	char command[MAX_NAME + 1];
	char first[MAX_NAME + 1];
	char second[MAX_NAME + 1];
	unsigned int things;
	int words;

	words = sscanf(text, "%15s %15s %15s", command, first, second);
	if (words == 1 && !strcmp(command, "clear")) {
		shelf_clear();
		return 0;
	}
	if (words != 3)
		return -EINVAL;
	if (!strcmp(command, "swap"))
		return shelf_swap(first, second);

	if (kstrtouint(second, 10, &things))
		return -EINVAL;
	if (!strcmp(command, "put"))
		return shelf_put(first, things);
	if (!strcmp(command, "take"))
		return shelf_take(first, things);
	return -EINVAL;
}

static int shelf_show(struct seq_file *m, void *v)
{
	struct box *box;

	mutex_lock(&shelf_lock);
	list_for_each_entry(box, &shelf, entry)
		seq_printf(m, "%s %u\n", box->name, box->things);
	mutex_unlock(&shelf_lock);
	return 0;
}

static int shelf_open(struct inode *inode, struct file *file)
{
	return single_open(file, shelf_show, NULL);
}

static ssize_t shelf_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *ppos)
{
	char text[MAX_TEXT + 1];
	int err;

	if (count > MAX_TEXT)
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';

	mutex_lock(&shelf_lock);
	err = shelf_command(text);
	mutex_unlock(&shelf_lock);
	return err ? err : count;
}

static const struct file_operations shelf_ops = {
	.owner = THIS_MODULE,
	.open = shelf_open,
	.read = seq_read,
	.write = shelf_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init shelf_init(void)
{
	box_cache = KMEM_CACHE(box, 0);
	if (!box_cache)
		return -ENOMEM;

	/* Not checked, as usual with debugfs: nobody depends on its files. */
	shelf_file = debugfs_create_file("shelf", 0644, NULL, NULL, &shelf_ops);
	return 0;
}

static void __exit shelf_exit(void)
{
	debugfs_remove(shelf_file);
	shelf_clear();
	kmem_cache_destroy(box_cache);
}

module_init(shelf_init);
module_exit(shelf_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A shelf with boxes");
MODULE_LICENSE("GPL");
