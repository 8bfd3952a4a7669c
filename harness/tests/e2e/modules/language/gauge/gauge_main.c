// SPDX-License-Identifier: GPL-2.0-only
/* A module of two files, for docs/lab-language.md. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

#include "sensor.h"

static int __init gauge_init(void)
{
	pr_info("reads %d\n", sensor_read());
	return 0;
}

static void __exit gauge_exit(void)
{
}

module_init(gauge_init);
module_exit(gauge_exit);

MODULE_DESCRIPTION("A module of two files");
MODULE_LICENSE("GPL");
