// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab seqfile-list: /proc/guests, a list that can be read however long it is.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define ENTRY_NAME "guests"
#define NAME_LEN 63

struct guest {
	struct list_head node;
	char name[NAME_LEN + 1];
};

/* TODO: the list, and a lock for it. */

static void *guests_start(struct seq_file *m, loff_t *pos)
{
	/* TODO: lock, and find the guest at *pos. */
	return NULL;
}

static void *guests_next(struct seq_file *m, void *v, loff_t *pos)
{
	/* TODO: the guest after v, and *pos one further. */
	return NULL;
}

static void guests_stop(struct seq_file *m, void *v)
{
	/* TODO: unlock. */
}

static int guests_show(struct seq_file *m, void *v)
{
	/* TODO: print one guest. */
	return 0;
}

static const struct seq_operations guests_seq_ops = {
	.start = guests_start,
	.next = guests_next,
	.stop = guests_stop,
	.show = guests_show,
};

static int guests_open(struct inode *inode, struct file *file)
{
	return seq_open(file, &guests_seq_ops);
}

static ssize_t guests_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *ppos)
{
	/* TODO: add a guest, or send all of them away. */
	return -EINVAL;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops guests_ops = {
	.proc_open = guests_open,
	.proc_read = seq_read,
	.proc_write = guests_write,
	.proc_lseek = seq_lseek,
	.proc_release = seq_release,
};
#else
static const struct file_operations guests_ops = {
	.owner = THIS_MODULE,
	.open = guests_open,
	.read = seq_read,
	.write = guests_write,
	.llseek = seq_lseek,
	.release = seq_release,
};
#endif

static int __init guests_init(void)
{
	if (!proc_create(ENTRY_NAME, 0644, NULL, &guests_ops))
		return -ENOMEM;
	return 0;
}

static void __exit guests_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
	/* TODO: what else did the module take? */
}

module_init(guests_init);
module_exit(guests_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A guest book in /proc, read with the iterator of seq_file");
MODULE_LICENSE("GPL");
