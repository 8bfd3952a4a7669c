// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mean of some temperatures with two decimals, in Celsius and Fahrenheit,
 * without floating point. The reference solution of labs/no-float.
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

/* To the nearest, and from the middle away from 0; divisor > 0. */
static s64 divide_rounded(s64 number, s32 divisor)
{
	/* The division itself rounds towards 0, from both sides. */
	if (number < 0)
		return div_s64(number - divisor / 2, divisor);
	return div_s64(number + divisor / 2, divisor);
}

static void show_hundredths(struct seq_file *m, const char *name, s64 value)
{
	u64 whole;
	u32 rest;

	/* -25 is -0.25, and a 0 has no sign: so the sign goes by itself. */
	whole = div_u64_rem(abs(value), 100, &rest);
	seq_printf(m, "%s %s%llu.%02u\n", name, value < 0 ? "-" : "", whole,
		   rest);
}

static void show_mean(struct seq_file *m)
{
	s32 count = nr_samples;
	s64 sum = 0;
	s32 i;

	for (i = 0; i < count; i++)
		sum += samples[i];

	/*
	 * Everything is multiplied first and divided once, at the end: sum /
	 * count / 10 in Celsius, sum / count * 9 / 5 / 10 + 3200 in Fahrenheit.
	 */
	show_hundredths(m, "celsius", divide_rounded(sum, 10 * count));
	show_hundredths(m, "fahrenheit",
			divide_rounded(9 * sum + 160000LL * count, 50 * count));
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

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Means and temperatures without floating point");
MODULE_LICENSE("GPL");
