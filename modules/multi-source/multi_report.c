// SPDX-License-Identifier: GPL-2.0-only
/*
 * The part of multi-source that speaks.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/printk.h>

#include "multi.h"

void multi_report(const char *when)
{
	if (multi_count())
		pr_info("%s: %u values, sum %lld, largest %d\n", when,
			multi_count(), multi_sum(), multi_largest());
	else
		pr_info("%s: no values\n", when);
}
