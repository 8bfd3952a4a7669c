// SPDX-License-Identifier: GPL-2.0-only
/*
 * One module of three files: this one has what a module has once only, its
 * parameters, init, exit and licence. The reference solution of
 * labs/multi-source.
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
	multi_report("load");
	return 0;
}

static void __exit multi_exit(void)
{
	multi_report("unload");
}

module_init(multi_init);
module_exit(multi_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A module of several source files");
MODULE_LICENSE("GPL");
