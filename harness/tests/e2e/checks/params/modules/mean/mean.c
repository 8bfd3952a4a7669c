// SPDX-License-Identifier: GPL-2.0-only
/* Sorts the numbers that it is given and says so, with their mean. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sort.h>

#define MAX_NUMBERS 8

static int numbers[MAX_NUMBERS] = {3, 1, 2};
static int count = 3;
module_param_array(numbers, int, &count, 0444);
MODULE_PARM_DESC(numbers, "what to sort, at most 8 (default: 3,1,2)");

static char *label = "mean";
module_param(label, charp, 0400);
MODULE_PARM_DESC(label, "how to call the result (default: mean)");

static int limit = 100;
module_param(limit, int, 0644);
MODULE_PARM_DESC(limit, "greatest number that is taken, at least 1");

static bool quiet;
module_param(quiet, bool, 0);
MODULE_PARM_DESC(quiet, "say nothing of each number");

static int compare(const void *a, const void *b)
{
	int left = *(const int *)a;
	int right = *(const int *)b;

	return left < right ? -1 : left > right;
}

static int __init mean_init(void)
{
	int sum = 0;
	int i;

	if (limit < 1) {
		pr_err("limit must be at least 1, not %d\n", limit);
		return -EINVAL;
	}

	sort(numbers, count, sizeof(numbers[0]), compare, NULL);
	if (numbers[count - 1] > limit) {
		pr_err("%d is greater than %d\n", numbers[count - 1], limit);
		return -ERANGE;
	}

	for (i = 0; i < count; i++) {
		sum += numbers[i];
		if (!quiet)
			pr_info("number %d is %d\n", i, numbers[i]);
	}
	pr_info("%s of %d: %d\n", label, count, sum / count);
	return 0;
}

static void __exit mean_exit(void)
{
	pr_notice("no more %s\n", label);
}

module_init(mean_init);
module_exit(mean_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Sorts the numbers that it is given");
MODULE_LICENSE("GPL");
