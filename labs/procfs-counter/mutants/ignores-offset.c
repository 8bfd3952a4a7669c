// SPDX-License-Identifier: GPL-2.0-only
/*
 * mutant: ignores-offset
 * kills: can be read in pieces
 * because: expected stdout "1234"
 *
 * Never comes to the end of the file, because it ignores *ppos.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define ENTRY_NAME "counter"

/* Readers and writers on different CPUs meet here, hence atomic. */
static atomic_t counter = ATOMIC_INIT(0);

static ssize_t counter_read(struct file *file, char __user *buf, size_t count,
			    loff_t *ppos)
{
	char text[16];
	size_t length;

	length = scnprintf(text, sizeof(text), "%d\n",
			   atomic_inc_return(&counter));
	length = min(count, length);
	if (copy_to_user(buf, text, length))
		return -EFAULT;
	return length;
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
	.proc_read = counter_read,
	.proc_write = counter_write,
	.proc_lseek = default_llseek,
};
#else
static const struct file_operations counter_ops = {
	.owner = THIS_MODULE,
	.read = counter_read,
	.write = counter_write,
	.llseek = default_llseek,
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
