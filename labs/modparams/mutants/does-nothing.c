// SPDX-License-Identifier: GPL-2.0-only
/*
 * mutant: does-nothing
 * kills: loads with its defaults
 * because: unnamed runs at 3 Hz
 * kills: takes values of every type
 * because: left-wheel runs at 5 Hz
 * kills: rejects an out-of-range frequency
 * because: unnamed runs at 1 Hz
 * kills: takes at most four samples
 * because: 4 samples, sum 10
 * kills: lets root change verbose and nothing else
 * because: stat -c
 * kills: notices a change of verbose at run time
 * because: to /sys/module/modparams/parameters/verbose
 *
 * Has no parameters; the kernel ignores those that it is given.
 */
#include <linux/init.h>
#include <linux/module.h>

static int __init modparams_init(void)
{
	return 0;
}

static void __exit modparams_exit(void)
{
}

module_init(modparams_init);
module_exit(modparams_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Module parameters: int, charp, bool and array");
MODULE_LICENSE("GPL");
