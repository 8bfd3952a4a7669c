// SPDX-License-Identifier: GPL-2.0-only
/* Scales a number by a percentage, in integers. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static unsigned int number = 100;
module_param(number, uint, 0444);
MODULE_PARM_DESC(number, "what to scale (default: 100)");

static unsigned int percent = 50;
module_param(percent, uint, 0444);
MODULE_PARM_DESC(percent, "by how much (default: 50)");

static u64 scaled(void)
{
	return div_u64((u64)number * percent, 100);
}

static int __init scale_init(void)
{
	if (!percent)
		return -EINVAL;

	pr_info("%u %% of %u is %llu\n", percent, number, scaled());
	return 0;
}

static void __exit scale_exit(void)
{
}

module_init(scale_init);
module_exit(scale_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Scales a number");
MODULE_LICENSE("GPL");
