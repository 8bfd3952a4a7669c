// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab delayed-work-exit: a heartbeat, delayed work that queues itself again
 * after each beat. It works, but it does not stop when it is told to, and when
 * the module is unloaded it does not stop at all. Find out why, and mend it.
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
#include <linux/workqueue.h>

#define MAX_PERIOD 60000

static unsigned int period = 1000;
module_param(period, uint, 0444);
MODULE_PARM_DESC(period, "milliseconds between beats, from 1 to 60000 (default 1000)");

static bool hold;
module_param(hold, bool, 0644);
MODULE_PARM_DESC(hold, "a beat goes on as long as this is set (default N)");

static unsigned int beats;
static bool busy;
static struct dentry *beat_file;

static void beat_do(struct work_struct *item);
static DECLARE_DELAYED_WORK(beat, beat_do);

static void beat_do(struct work_struct *item)
{
	WRITE_ONCE(busy, true);
	while (READ_ONCE(hold))
		msleep(20);
	WRITE_ONCE(beats, beats + 1);
	WRITE_ONCE(busy, false);

	schedule_delayed_work(&beat, msecs_to_jiffies(READ_ONCE(period)));
}

static const char *beat_state(void)
{
	if (READ_ONCE(busy))
		return "busy";
	return delayed_work_pending(&beat) ? "waiting" : "still";
}

static int beat_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%u beats, %s\n", READ_ONCE(beats), beat_state());
	return 0;
}

static int beat_open(struct inode *inode, struct file *file)
{
	return single_open(file, beat_show, NULL);
}

static ssize_t beat_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	unsigned int value;
	int err;

	err = kstrtouint_from_user(buf, count, 10, &value);
	if (err)
		return err;
	if (value > MAX_PERIOD)
		return -EINVAL;

	if (value) {
		WRITE_ONCE(period, value);
		mod_delayed_work(system_wq, &beat, msecs_to_jiffies(value));
	} else {
		cancel_delayed_work(&beat);
	}
	return count;
}

static const struct file_operations beat_ops = {
	.owner = THIS_MODULE,
	.open = beat_open,
	.read = seq_read,
	.write = beat_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init beat_init(void)
{
	if (!period || period > MAX_PERIOD)
		return -EINVAL;

	schedule_delayed_work(&beat, msecs_to_jiffies(period));

	/* Not checked, as usual with debugfs: nobody depends on its files. */
	beat_file = debugfs_create_file("heartbeat", 0644, NULL, NULL,
					&beat_ops);
	return 0;
}

static void __exit beat_exit(void)
{
	debugfs_remove(beat_file);
	/* Returns when the work is done. */
	flush_delayed_work(&beat);
	pr_info("%u beats, %s\n", beats, beat_state());
}

module_init(beat_init);
module_exit(beat_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Delayed work that queues itself again");
MODULE_LICENSE("GPL");
