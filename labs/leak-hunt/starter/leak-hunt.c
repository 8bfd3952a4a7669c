// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab leak-hunt: a phone book in /proc/phonebook, which works, and forgets
 * memory in several places. Find them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define FOLDER "phonebook"
#define MAX_LINE 255

struct entry {
	struct list_head link;
	/* "NAME\0NUMBER\0" */
	char *line;
	/* Points into line. */
	char *number;
};

/* Protects the book and its entries. */
static DEFINE_MUTEX(book_lock);
static LIST_HEAD(book);

static struct entry *find_entry(const char *name)
{
	struct entry *entry;

	lockdep_assert_held(&book_lock);
	list_for_each_entry(entry, &book, link) {
		if (!strcmp(entry->line, name))
			return entry;
	}
	return NULL;
}

static void drop_entry(struct entry *entry)
{
	list_del(&entry->link);
	kfree(entry);
}

static int set_number(char *line, char *number)
{
	struct entry *entry;

	entry = find_entry(line);
	if (!entry) {
		entry = kmalloc(sizeof(*entry), GFP_KERNEL);
		if (!entry)
			return -ENOMEM;
		list_add_tail(&entry->link, &book);
	}

	entry->line = line;
	entry->number = number;
	return 0;
}

static int remove_name(const char *name)
{
	struct entry *entry = find_entry(name);

	if (!entry)
		return -ENOENT;
	drop_entry(entry);
	return 0;
}

static ssize_t names_write(struct file *file, const char __user *from,
			   size_t count, loff_t *ppos)
{
	char *line, *number;
	int err;

	if (count > MAX_LINE)
		return -EINVAL;
	line = memdup_user_nul(from, count);
	if (IS_ERR(line))
		return PTR_ERR(line);

	line[strcspn(line, "\n")] = '\0';
	number = line;
	strsep(&number, " ");

	mutex_lock(&book_lock);
	err = number ? set_number(line, number) : remove_name(line);
	mutex_unlock(&book_lock);

	if (err)
		return err;

	if (!number)
		kfree(line);
	return count;
}

static size_t book_bytes(void)
{
	struct entry *entry;
	size_t bytes = 1;

	lockdep_assert_held(&book_lock);
	list_for_each_entry(entry, &book, link)
		bytes += strlen(entry->line) + strlen(entry->number) + 2;
	return bytes;
}

/* The whole book as text. */
static char *copy_book(void)
{
	struct entry *entry;
	size_t bytes, at = 0;
	char *text;

	mutex_lock(&book_lock);
	bytes = book_bytes();
	text = kzalloc(bytes, GFP_KERNEL);
	if (text) {
		list_for_each_entry(entry, &book, link)
			at += scnprintf(text + at, bytes - at, "%s %s\n",
					entry->line, entry->number);
	}
	mutex_unlock(&book_lock);
	return text;
}

static int names_show(struct seq_file *m, void *v)
{
	seq_puts(m, m->private);
	return 0;
}

static int names_open(struct inode *inode, struct file *file)
{
	char *text;
	int err;

	/* Who reads sees the book as it was now, however long that takes. */
	text = copy_book();
	if (!text)
		return -ENOMEM;

	err = single_open(file, names_show, text);
	if (err)
		kfree(text);
	return err;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops names_ops = {
	.proc_open = names_open,
	.proc_read = seq_read,
	.proc_write = names_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations names_ops = {
	.owner = THIS_MODULE,
	.open = names_open,
	.read = seq_read,
	.write = names_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int __init leak_hunt_init(void)
{
	struct proc_dir_entry *folder;

	folder = proc_mkdir(FOLDER, NULL);
	if (!folder)
		return -ENOMEM;

	if (!proc_create("names", 0644, folder, &names_ops))
		return -ENOMEM;
	return 0;
}

static void __exit leak_hunt_exit(void)
{
	struct entry *entry, *next;

	/* Nobody can come in any more; now the book can go. */
	remove_proc_subtree(FOLDER, NULL);
	list_for_each_entry_safe(entry, next, &book, link)
		drop_entry(entry);
}

module_init(leak_hunt_init);
module_exit(leak_hunt_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A phone book that forgets memory");
MODULE_LICENSE("GPL");
