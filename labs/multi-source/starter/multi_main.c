// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab multi-source: what a module has once only, its parameters, init, exit and
 * licence.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "multi.h"

#define MAX_VALUES 16

static int values[MAX_VALUES];
static unsigned int nr_values;
module_param_array(values, int, &nr_values, 0444);
MODULE_PARM_DESC(values, "up to 16 integers, separated by commas");

static int __init multi_init(void)
{
	unsigned int i;

	for (i = 0; i < nr_values; i++)
		multi_add(values[i]);
	/* TODO: report. */
	return 0;
}

static void __exit multi_exit(void)
{
	/* TODO: report. */
}

module_init(multi_init);
module_exit(multi_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A module of several source files");
MODULE_LICENSE("GPL");
