// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that says who it is, for modinfo, for sysfs and in the log, and what
 * taints the kernel. The reference solution of labs/metadata.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

/* The first is the letter of bit 0; newer kernels know more bits than older. */
static const char letters[] = "PFSRMBUDAWCIOELKXTN";

static char *ignore = "";
module_param(ignore, charp, 0444);
MODULE_PARM_DESC(ignore, "letters not to report, as in OE (default none)");

static void report_taints(void)
{
	char found[sizeof(letters)] = "";
	int i, count = 0;

	for (i = 0; i < TAINT_FLAGS_COUNT; i++)
		if (test_taint(i) && !strchr(ignore, letters[i]))
			found[count++] = letters[i];

	pr_info("tainted: %s\n", count ? found : "none");
}

static int __init metadata_init(void)
{
	/* Not written here again: what .modinfo says is what the log says. */
	pr_info("version %s, srcversion %s\n", THIS_MODULE->version,
		THIS_MODULE->srcversion);
	report_taints();
	return 0;
}

static void __exit metadata_exit(void)
{
}

module_init(metadata_init);
module_exit(metadata_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Says who it is and what taints the kernel");
MODULE_VERSION("1.4.2");
MODULE_ALIAS("taint-report");
MODULE_INFO(course, "kernel programming");
MODULE_LICENSE("GPL");
