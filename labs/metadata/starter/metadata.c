// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab metadata: who a module is, and what taints the kernel.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

/* The first is the letter of bit 0; newer kernels know more bits than older. */
static const char letters[] = "PFSRMBUDAWCIOELKXTN";

/* TODO: the parameter ignore, with its description. */

static void report_taints(void)
{
	/* TODO: collect the letters of what test_taint() says is set. */
	pr_info("tainted: %s\n", letters);
}

static int __init metadata_init(void)
{
	/* TODO: print version and srcversion, as THIS_MODULE has them. */
	report_taints();
	return 0;
}

static void __exit metadata_exit(void)
{
}

module_init(metadata_init);
module_exit(metadata_exit);

/* TODO: author, description, version, alias, and the course. */
MODULE_LICENSE("GPL");
