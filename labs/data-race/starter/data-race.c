// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bank with four accounts, of which several threads move money at once.
 * /proc/bank shows them and takes orders; other modules use bank.h.
 *
 * Lab data-race: it works, as long as one thread at a time uses it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#include "bank.h"

static long balance[BANK_ACCOUNTS] = {
	[0 ... BANK_ACCOUNTS - 1] = BANK_START
};

int bank_transfer(unsigned int from, unsigned int to, long amount,
		  int (*carry)(void *arg), void *arg)
{
	long left, raised;
	int err;

	if (from >= BANK_ACCOUNTS || to >= BANK_ACCOUNTS || from == to ||
	    amount < 1)
		return -EINVAL;

	left = balance[from] - amount;
	if (left < 0)
		return -EDQUOT;
	raised = balance[to] + amount;

	balance[from] = left;
	err = carry(arg);
	if (err)
		balance[from] = left + amount;
	else
		balance[to] = raised;
	return err;
}
EXPORT_SYMBOL_GPL(bank_transfer);

void bank_snapshot(long copy[BANK_ACCOUNTS])
{
	memcpy(copy, balance, sizeof(balance));
}
EXPORT_SYMBOL_GPL(bank_snapshot);

static int bank_show(struct seq_file *m, void *v)
{
	long copy[BANK_ACCOUNTS];
	long total = 0;
	int i;

	bank_snapshot(copy);
	for (i = 0; i < BANK_ACCOUNTS; i++) {
		seq_printf(m, "%d %ld\n", i, copy[i]);
		total += copy[i];
	}
	seq_printf(m, "total %ld\n", total);
	return 0;
}

static int bank_open(struct inode *inode, struct file *file)
{
	return single_open(file, bank_show, NULL);
}

static int on_foot(void *arg)
{
	usleep_range(1000, 2000);
	return 0;
}

static ssize_t bank_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	unsigned int from, to;
	char order[64] = "";
	long amount;
	int err;

	if (count >= sizeof(order))
		return -EINVAL;
	if (copy_from_user(order, buf, count))
		return -EFAULT;
	if (sscanf(order, "%u %u %ld", &from, &to, &amount) != 3)
		return -EINVAL;

	err = bank_transfer(from, to, amount, on_foot, NULL);
	return err ? err : count;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops bank_ops = {
	.proc_open = bank_open,
	.proc_read = seq_read,
	.proc_write = bank_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations bank_ops = {
	.owner = THIS_MODULE,
	.open = bank_open,
	.read = seq_read,
	.write = bank_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int __init bank_init(void)
{
	return proc_create("bank", 0644, NULL, &bank_ops) ? 0 : -ENOMEM;
}

static void __exit bank_exit(void)
{
	remove_proc_entry("bank", NULL);
}

module_init(bank_init);
module_exit(bank_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A bank whose money stays the same, whoever moves it");
MODULE_LICENSE("GPL");
