// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab procfs-counter: a file in /proc that counts its readers.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/version.h>

#define ENTRY_NAME "counter"

/* TODO: the counter itself. */

static int counter_show(struct seq_file *m, void *v)
{
	/* TODO: print this reader's number, and a newline. */
	seq_puts(m, "0\n");
	return 0;
}

static int counter_open(struct inode *inode, struct file *file)
{
	/* TODO: count, but only those who open the file for reading. */
	return single_open(file, counter_show, NULL);
}

/* TODO: counter_write(), which sets the counter or refuses with an error. */

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops counter_ops = {
	.proc_open = counter_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations counter_ops = {
	.owner = THIS_MODULE,
	.open = counter_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int __init counter_init(void)
{
	if (!proc_create(ENTRY_NAME, 0644, NULL, &counter_ops))
		return -ENOMEM;
	return 0;
}

static void __exit counter_exit(void)
{
	/* TODO: undo what counter_init() did. */
}

module_init(counter_init);
module_exit(counter_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A counter in /proc that can be read and set");
MODULE_LICENSE("GPL");
