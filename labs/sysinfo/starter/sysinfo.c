// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab sysinfo: what the kernel knows of the machine and of itself.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>

#define ENTRY_NAME "sysinfo"

static int sysinfo_show(struct seq_file *m, void *v)
{
	/* TODO: ten lines, each a name and a value. This is the first. */
	seq_printf(m, "node %s\n", "unknown");
	return 0;
}

static int __init sysinfo_init(void)
{
	if (!proc_create_single(ENTRY_NAME, 0444, NULL, sysinfo_show))
		return -ENOMEM;
	return 0;
}

static void __exit sysinfo_exit(void)
{
	/* TODO: undo what sysinfo_init() did. */
}

module_init(sysinfo_init);
module_exit(sysinfo_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("What the kernel knows of the machine, in /proc/sysinfo");
MODULE_LICENSE("GPL");
