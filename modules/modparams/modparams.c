// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module parameters of four types: an int that init checks, a string, a bool
 * that root may change while the module is loaded, and an array. The reference
 * solution of labs/modparams.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#define FREQ_MIN 1
#define FREQ_MAX 5
#define MAX_SAMPLES 4

static int freq = 3;
module_param(freq, int, 0444);
MODULE_PARM_DESC(freq, "frequency in Hz, from 1 to 5 (default 3)");

static char *label = "unnamed";
module_param(label, charp, 0444);
MODULE_PARM_DESC(label, "name to use in messages (default unnamed)");

static bool verbose;
module_param(verbose, bool, 0644);
MODULE_PARM_DESC(verbose, "report at unload (default N)");

static int samples[MAX_SAMPLES];
static unsigned int nr_samples;
module_param_array(samples, int, &nr_samples, 0444);
MODULE_PARM_DESC(samples, "up to four integers, separated by commas");

static int sum_samples(void)
{
	unsigned int i;
	int sum = 0;

	for (i = 0; i < nr_samples; i++)
		sum += samples[i];
	return sum;
}

static int __init modparams_init(void)
{
	if (freq < FREQ_MIN || freq > FREQ_MAX) {
		pr_err("freq out of range: %d is not in %d..%d\n", freq,
		       FREQ_MIN, FREQ_MAX);
		return -EINVAL;
	}

	pr_info("%s runs at %d Hz\n", label, freq);
	pr_info("%u samples, sum %d\n", nr_samples, sum_samples());
	return 0;
}

static void __exit modparams_exit(void)
{
	/* Looked at now and not at load: root may have written it since. */
	if (verbose)
		pr_info("%s stops\n", label);
}

module_init(modparams_init);
module_exit(modparams_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Module parameters: int, charp, bool and array");
MODULE_LICENSE("GPL");
