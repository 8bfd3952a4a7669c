// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/ledger: accounts and what was booked last, under two locks. A timer
 * that closes the books takes one of them in interrupt context.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#define ACCOUNTS 16

static int *accounts;
static int closed;
/* accounts_lock is taken before books_lock. */
static DEFINE_MUTEX(accounts_lock);
static DEFINE_SPINLOCK(books_lock);
static DEFINE_MUTEX(report_lock);
static struct timer_list closing;

static void close_books(struct timer_list *unused)
{
	spin_lock(&books_lock);
	closed++;
	spin_unlock(&books_lock);
}

static void book(int account, int amount)
{
	mutex_lock(&accounts_lock);
	accounts[account] += amount;
	mutex_lock(&report_lock);
	mutex_unlock(&report_lock);
	mutex_unlock(&accounts_lock);
}

static int ledger_show(struct seq_file *m, void *v)
{
	char *line;
	int sum = 0;
	int i;

	mutex_lock(&accounts_lock);
	mutex_lock(&report_lock);
	for (i = 0; i < ACCOUNTS; i++)
		sum += accounts[i];
	mutex_unlock(&report_lock);
	mutex_unlock(&accounts_lock);

	spin_lock_bh(&books_lock);
	line = kasprintf(GFP_ATOMIC, "sum %d, closed %d", sum, closed);
	spin_unlock_bh(&books_lock);
	if (!line)
		return -ENOMEM;

	seq_printf(m, "%s\n", line);
	kfree(line);
	return 0;
}

static int __init ledger_init(void)
{
	int i;

	accounts = kcalloc(ACCOUNTS, sizeof(*accounts), GFP_KERNEL);
	if (!accounts)
		return -ENOMEM;

	if (!proc_create_single("ledger", 0444, NULL, ledger_show)) {
		kfree(accounts);
		return -ENOMEM;
	}

	for (i = 0; i < ACCOUNTS; i++)
		book(i, 10);
	timer_setup(&closing, close_books, 0);
	mod_timer(&closing, jiffies + 1);
	return 0;
}

static void __exit ledger_exit(void)
{
	remove_proc_entry("ledger", NULL);
	del_timer_sync(&closing);
	kfree(accounts);
}

module_init(ledger_init);
module_exit(ledger_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Accounts under two locks");
MODULE_LICENSE("GPL");
