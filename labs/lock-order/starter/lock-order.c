// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab lock-order: a bank of four accounts, each with a lock of its own. It
 * counts right, and one day it stops for ever. Find out why, and mend it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define ENTRY_NAME "bank"
#define ACCOUNTS 4
#define START_BALANCE 100
#define LONGEST_ORDER 40

static int hold = -1;
module_param(hold, int, 0644);
MODULE_PARM_DESC(hold, "moves from this account stop half-way (default -1, none)");

static int held = -1;
module_param(held, int, 0444);
MODULE_PARM_DESC(held, "the account whose move has stopped half-way, or -1");

struct account {
	struct mutex lock;	/* protects balance */
	unsigned int balance;
};

#define ACCOUNT(number) {						\
	.lock = __MUTEX_INITIALIZER(accounts[number].lock),		\
	.balance = START_BALANCE,					\
}

static struct account accounts[ACCOUNTS] = {
	ACCOUNT(0), ACCOUNT(1), ACCOUNT(2), ACCOUNT(3),
};

/*
 * Leave this function, and the call of it, where they are. It is between the
 * two halves of a move. A move that root holds here waits until it
 * is let go: what nobody must see can then be looked for at leisure.
 */
static void half_way(int from)
{
	while (READ_ONCE(hold) == from) {
		WRITE_ONCE(held, from);
		usleep_range(2000, 4000);
	}
}

static int move_money(unsigned int from, unsigned int to, unsigned int amount)
{
	int err = 0;

	if (from >= ACCOUNTS || to >= ACCOUNTS)
		return -EINVAL;

	mutex_lock(&accounts[from].lock);
	mutex_lock(&accounts[to].lock);

	if (accounts[from].balance >= amount) {
		accounts[from].balance -= amount;
		half_way(from);
		accounts[to].balance += amount;
	} else {
		err = -ERANGE;
	}

	mutex_unlock(&accounts[from].lock);
	mutex_unlock(&accounts[to].lock);
	return err;
}

static int bank_show(struct seq_file *m, void *v)
{
	unsigned int balances[ACCOUNTS];
	unsigned int total = 0;
	int i;

	/* All at once: money on its way would be missing otherwise. */
	for (i = ACCOUNTS - 1; i >= 0; i--)
		mutex_lock(&accounts[i].lock);
	for (i = 0; i < ACCOUNTS; i++)
		balances[i] = accounts[i].balance;
	for (i = 0; i < ACCOUNTS; i++)
		mutex_unlock(&accounts[i].lock);

	for (i = 0; i < ACCOUNTS; i++) {
		seq_printf(m, "%d %u\n", i, balances[i]);
		total += balances[i];
	}
	seq_printf(m, "total %u\n", total);
	return 0;
}

static int bank_open(struct inode *inode, struct file *file)
{
	return single_open(file, bank_show, NULL);
}

static ssize_t bank_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	char text[LONGEST_ORDER + 1] = "";
	unsigned int from, to, amount;
	int err;

	if (count > LONGEST_ORDER)
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	if (sscanf(text, "%u %u %u", &from, &to, &amount) != 3)
		return -EINVAL;

	err = move_money(from, to, amount);
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
	if (!proc_create(ENTRY_NAME, 0600, NULL, &bank_ops))
		return -ENOMEM;
	return 0;
}

static void __exit bank_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
}

module_init(bank_init);
module_exit(bank_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A bank whose accounts have a lock each");
MODULE_LICENSE("GPL");
