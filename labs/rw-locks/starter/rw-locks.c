// SPDX-License-Identifier: GPL-2.0-only
/*
 * A price list that many read at once and few change. /proc/prices shows it and
 * takes new prices; other modules use prices.h.
 *
 * Lab rw-locks: there is a reader-writer lock, and it is held at times.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/rwsem.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#include "prices.h"

static unsigned int delay;
module_param(delay, uint, 0644);
MODULE_PARM_DESC(delay, "ms that /proc/prices looks at each price (default 0)");

static DECLARE_RWSEM(prices_lock);
static struct price prices[ARTICLES] = {
	[0 ... ARTICLES - 1] = {.net = FIRST_PRICE, .tax = FIRST_PRICE / 5}
};

int prices_look(unsigned int article,
		void (*look)(const struct price *price, void *arg), void *arg)
{
	if (article >= ARTICLES)
		return -EINVAL;

	down_write(&prices_lock);
	look(&prices[article], arg);
	up_write(&prices_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(prices_look);

int prices_change(unsigned int article,
		  int (*change)(struct price *price, void *arg),
		  void (*announce)(const struct price *price, void *arg),
		  void *arg)
{
	struct price price;
	int err;

	if (article >= ARTICLES)
		return -EINVAL;

	down_read(&prices_lock);
	price = prices[article];
	up_read(&prices_lock);

	err = change(&price, arg);
	if (err)
		return err;

	down_write(&prices_lock);
	prices[article] = price;
	up_write(&prices_lock);

	announce(&prices[article], arg);
	return 0;
}
EXPORT_SYMBOL_GPL(prices_change);

static void print_price(const struct price *price, void *arg)
{
	struct seq_file *m = arg;

	msleep(delay);
	seq_printf(m, "net %ld tax %ld\n", price->net, price->tax);
}

static int prices_show(struct seq_file *m, void *v)
{
	unsigned int i;

	for (i = 0; i < ARTICLES; i++)
		prices_look(i, print_price, m);
	return 0;
}

static int prices_open(struct inode *inode, struct file *file)
{
	return single_open(file, prices_show, NULL);
}

static int set_price(struct price *price, void *arg)
{
	const long *net = arg;

	if (*net < 0)
		return -ERANGE;
	price->net = *net;
	price->tax = *net / 5;
	return 0;
}

static void log_price(const struct price *price, void *arg)
{
	pr_info("now it costs %ld and %ld tax\n", price->net, price->tax);
}

static ssize_t prices_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *ppos)
{
	unsigned int article;
	char order[64] = "";
	long net;
	int err;

	if (count >= sizeof(order))
		return -EINVAL;
	if (copy_from_user(order, buf, count))
		return -EFAULT;
	if (sscanf(order, "%u %ld", &article, &net) != 2)
		return -EINVAL;

	err = prices_change(article, set_price, log_price, &net);
	return err ? err : count;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops prices_ops = {
	.proc_open = prices_open,
	.proc_read = seq_read,
	.proc_write = prices_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations prices_ops = {
	.owner = THIS_MODULE,
	.open = prices_open,
	.read = seq_read,
	.write = prices_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int __init prices_init(void)
{
	return proc_create("prices", 0644, NULL, &prices_ops) ? 0 : -ENOMEM;
}

static void __exit prices_exit(void)
{
	remove_proc_entry("prices", NULL);
}

module_init(prices_init);
module_exit(prices_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A price list for many readers and few writers");
MODULE_LICENSE("GPL");
