// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/counter counts how often it has been opened for reading. Each reader
 * gets its own number; writing a decimal integer sets the count. The reference
 * solution of labs/procfs-counter.
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

/* Readers and writers on different CPUs meet here, hence atomic. */
static atomic_t counter = ATOMIC_INIT(0);

static int counter_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", (int)(long)m->private);
	return 0;
}

static int counter_open(struct inode *inode, struct file *file)
{
	long number = 0;

	/*
	 * A writer is not a reader, and is shown no number:
	 * "echo 5 > /proc/counter" does not count.
	 */
	if (file->f_mode & FMODE_READ)
		number = atomic_inc_return(&counter);

	/*
	 * The number is fixed here, at open: a program may need several calls
	 * of read() for one line, and must not see two values mixed.
	 */
	return single_open(file, counter_show, (void *)number);
}

static ssize_t counter_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	int value;
	int err;

	err = kstrtoint_from_user(buf, count, 10, &value);
	if (err)
		return err;

	atomic_set(&counter, value);
	return count;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops counter_ops = {
	.proc_open = counter_open,
	.proc_read = seq_read,
	.proc_write = counter_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations counter_ops = {
	.owner = THIS_MODULE,
	.open = counter_open,
	.read = seq_read,
	.write = counter_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int __init counter_init(void)
{
	if (!proc_create(ENTRY_NAME, 0644, NULL, &counter_ops)) {
		pr_err("cannot create /proc/%s\n", ENTRY_NAME);
		return -ENOMEM;
	}

	pr_info("/proc/%s is ready\n", ENTRY_NAME);
	return 0;
}

static void __exit counter_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
	pr_info("/proc/%s is gone\n", ENTRY_NAME);
}

module_init(counter_init);
module_exit(counter_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A counter in /proc that can be read and set");
MODULE_LICENSE("GPL");
