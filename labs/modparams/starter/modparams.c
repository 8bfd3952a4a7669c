// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab modparams: four parameters, one of them checked.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#define FREQ_MIN 1
#define FREQ_MAX 5

static int freq = 3;
module_param(freq, int, 0444);
MODULE_PARM_DESC(freq, "frequency in Hz, from 1 to 5 (default 3)");

/* TODO: label, a string that is "unnamed" unless given. */

/* TODO: verbose, a bool that root may change while the module is loaded. */

/* TODO: samples, an array of up to four integers. */

static int __init modparams_init(void)
{
	/* TODO: refuse a frequency below FREQ_MIN or above FREQ_MAX. */

	/* TODO: print the label and the number and sum of the samples too. */
	pr_info("running at %d Hz\n", freq);
	return 0;
}

static void __exit modparams_exit(void)
{
	/* TODO: print a line, but only if verbose is on now. */
}

module_init(modparams_init);
module_exit(modparams_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Module parameters: int, charp, bool and array");
MODULE_LICENSE("GPL");
