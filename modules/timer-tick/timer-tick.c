// SPDX-License-Identifier: GPL-2.0-only
/*
 * Up to four tickers, each a kernel timer that arms itself again whenever it
 * has expired. A file in debugfs shows their ticks and gives them another
 * period. The reference solution of labs/timer-tick.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/seq_file.h>
#include <linux/timer.h>

#define MAX_TICKERS 4
#define MAX_PERIOD 3600000
#define MAX_WORK 10

struct ticker {
	struct timer_list timer;
	unsigned int period;
	unsigned int ticks;
};

static unsigned int periods[MAX_TICKERS] = { 100 };
static unsigned int nr_tickers = 1;
module_param_array(periods, uint, &nr_tickers, 0444);
MODULE_PARM_DESC(periods, "milliseconds between ticks, of up to four tickers (default 100)");

static unsigned int work;
module_param(work, uint, 0444);
MODULE_PARM_DESC(work, "milliseconds of work in a tick, from 0 to 10 (default 0)");

static struct ticker tickers[MAX_TICKERS];
static struct dentry *ticks_file;

static void ticker_arm(struct ticker *ticker)
{
	mod_timer(&ticker->timer,
		  jiffies + msecs_to_jiffies(READ_ONCE(ticker->period)));
}

/* Runs in a softirq on the CPU that armed the timer, so it must not sleep. */
static void ticker_tick(struct timer_list *timer)
{
	struct ticker *ticker = from_timer(ticker, timer, timer);

	mdelay(work);
	WRITE_ONCE(ticker->ticks, ticker->ticks + 1);
	ticker_arm(ticker);
}

static unsigned int ticker_left(struct ticker *ticker)
{
	long left = ticker->timer.expires - jiffies;

	/* A timer may be late: jiffies has passed what it waits for. */
	if (!timer_pending(&ticker->timer) || left < 0)
		return 0;
	return jiffies_to_msecs(left);
}

static int ticks_show(struct seq_file *m, void *v)
{
	unsigned int i;

	for (i = 0; i < nr_tickers; i++)
		seq_printf(m, "%u %u %u\n", READ_ONCE(tickers[i].period),
			   READ_ONCE(tickers[i].ticks),
			   ticker_left(&tickers[i]));
	return 0;
}

static int ticks_open(struct inode *inode, struct file *file)
{
	return single_open(file, ticks_show, NULL);
}

static ssize_t ticks_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *ppos)
{
	unsigned int period;
	unsigned int i;
	int err;

	err = kstrtouint_from_user(buf, count, 10, &period);
	if (err)
		return err;
	if (period > MAX_PERIOD)
		return -EINVAL;

	for (i = 0; i < nr_tickers; i++) {
		WRITE_ONCE(tickers[i].period, period);
		/* A tick that runs now arms its timer again: wait for it. */
		if (period)
			ticker_arm(&tickers[i]);
		else
			del_timer_sync(&tickers[i].timer);
	}
	return count;
}

static const struct file_operations ticks_ops = {
	.owner = THIS_MODULE,
	.open = ticks_open,
	.read = seq_read,
	.write = ticks_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init ticks_init(void)
{
	unsigned int i;

	for (i = 0; i < nr_tickers; i++) {
		if (!periods[i] || periods[i] > MAX_PERIOD) {
			pr_err("period out of range: %u\n", periods[i]);
			return -EINVAL;
		}
	}
	if (work > MAX_WORK) {
		pr_err("work out of range: %u\n", work);
		return -EINVAL;
	}

	for (i = 0; i < nr_tickers; i++) {
		tickers[i].period = periods[i];
		timer_setup(&tickers[i].timer, ticker_tick, 0);
		ticker_arm(&tickers[i]);
	}

	/* Not checked, as usual with debugfs: nobody depends on its files. */
	ticks_file = debugfs_create_file("timer-tick", 0644, NULL, NULL,
					 &ticks_ops);
	return 0;
}

static void __exit ticks_exit(void)
{
	unsigned int i;

	/* The file first: who writes to it arms the timers again. */
	debugfs_remove(ticks_file);
	for (i = 0; i < nr_tickers; i++)
		del_timer_sync(&tickers[i].timer);
}

module_init(ticks_init);
module_exit(ticks_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Timers that arm themselves again");
MODULE_LICENSE("GPL");
