// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab fault-injected-init: a weather station that needs five things from the
 * kernel: memory, a timer, a folder and a file in /proc, and a device number.
 * As long as it gets all of them it works. Mend what happens if it does not.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

#define MAX_SAMPLES 4096
#define PERIOD_MS 20

static unsigned int major = 240;
module_param(major, uint, 0444);
MODULE_PARM_DESC(major, "major number of the station's device (default 240)");

static unsigned long *samples;
static unsigned int count;
static struct timer_list sampler;

/* Stands for reading an instrument. Runs in a softirq. */
static void sampler_expired(struct timer_list *timer)
{
	samples[count % MAX_SAMPLES] = jiffies;
	WRITE_ONCE(count, count + 1);
	mod_timer(&sampler, jiffies + msecs_to_jiffies(PERIOD_MS));
}

static int samples_show(struct seq_file *m, void *v)
{
	unsigned int taken = READ_ONCE(count);

	seq_printf(m, "%u samples", taken);
	if (taken)
		seq_printf(m, ", the last at %lu",
			   samples[(taken - 1) % MAX_SAMPLES]);
	seq_putc(m, '\n');
	return 0;
}

static int __init station_init(void)
{
	struct proc_dir_entry *folder;
	int err = -ENOMEM;

	samples = vmalloc(MAX_SAMPLES * sizeof(*samples));
	if (!samples)
		return -ENOMEM;

	timer_setup(&sampler, sampler_expired, 0);
	mod_timer(&sampler, jiffies + msecs_to_jiffies(PERIOD_MS));

	folder = proc_mkdir("station", NULL);
	if (!folder)
		goto free_samples;

	if (!proc_create_single("samples", 0444, folder, samples_show))
		goto stop_sampler;

	err = register_chrdev_region(MKDEV(major, 0), 1, "station");
	if (err) {
		vfree(samples);
		goto remove_folder;
	}

	return 0;

remove_folder:
	remove_proc_entry("station", NULL);
stop_sampler:
	del_timer_sync(&sampler);
free_samples:
	vfree(samples);
	return err;
}

static void __exit station_exit(void)
{
	remove_proc_entry("station", NULL);
	del_timer_sync(&sampler);
	vfree(samples);
}

module_init(station_init);
module_exit(station_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A weather station that gives back what it takes");
MODULE_LICENSE("GPL");
