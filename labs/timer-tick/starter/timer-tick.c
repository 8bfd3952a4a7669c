// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab timer-tick: up to four tickers, each a timer that arms itself again.
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
	/* TODO: its timer. */
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

/*
 * TODO: arm a ticker's timer, for its period from now. The period is in
 * milliseconds; what does mod_timer() want?
 */

/*
 * TODO: the callback of all timers. Find the ticker, work for as many
 * milliseconds as the parameter says, count the tick, and arm the timer again.
 */

static unsigned int ticker_left(struct ticker *ticker)
{
	/*
	 * TODO: milliseconds from now until the timer expires. 0 if it is not
	 * armed, and if it is late.
	 */
	return 0;
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
		/* TODO: let the timer expire after this period, or stop it. */
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

	/* TODO: refuse periods and work that are out of range. */

	for (i = 0; i < nr_tickers; i++) {
		tickers[i].period = periods[i];
		/* TODO: set up the timer, and arm it. */
	}

	/* Not checked, as usual with debugfs: nobody depends on its files. */
	ticks_file = debugfs_create_file("timer-tick", 0644, NULL, NULL,
					 &ticks_ops);
	return 0;
}

static void __exit ticks_exit(void)
{
	debugfs_remove(ticks_file);
	/* TODO: nothing may run after this. */
}

module_init(ticks_init);
module_exit(ticks_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Timers that arm themselves again");
MODULE_LICENSE("GPL");
