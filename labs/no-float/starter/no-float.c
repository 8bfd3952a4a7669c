// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab no-float: means and temperatures without floating point.
 */
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#define ENTRY_NAME "no-float"
#define MAX_SAMPLES 64

static int samples[MAX_SAMPLES];
static unsigned int nr_samples;
module_param_array(samples, int, &nr_samples, 0644);
MODULE_PARM_DESC(samples, "up to 64 temperatures in thousandths of a degree Celsius");

/* TODO: a division that rounds, and a function that prints hundredths. */

static void show_mean(struct seq_file *m)
{
	/* TODO: the two lines, from samples[] and nr_samples. */
}

static int no_float_show(struct seq_file *m, void *v)
{
	/* Root may write the samples at any time. */
	kernel_param_lock(THIS_MODULE);
	if (nr_samples)
		show_mean(m);
	else
		seq_puts(m, "no samples\n");
	kernel_param_unlock(THIS_MODULE);
	return 0;
}

static int __init no_float_init(void)
{
	if (!proc_create_single(ENTRY_NAME, 0444, NULL, no_float_show))
		return -ENOMEM;
	return 0;
}

static void __exit no_float_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
}

module_init(no_float_init);
module_exit(no_float_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Means and temperatures without floating point");
MODULE_LICENSE("GPL");
