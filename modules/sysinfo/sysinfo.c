// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/sysinfo says what the kernel knows of the machine and of itself, at the
 * moment it is read. The reference solution of labs/sysinfo.
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

/* Pages are counted, but who reads wants kB. */
static unsigned long pages_to_kb(unsigned long pages)
{
	return pages << (PAGE_SHIFT - 10);
}

static int sysinfo_show(struct seq_file *m, void *v)
{
	struct sysinfo memory;

	si_meminfo(&memory);

	/* The name of the reader's machine: a container may have its own. */
	seq_printf(m, "node %s\n", utsname()->nodename);
	seq_printf(m, "release %s\n", utsname()->release);
	seq_printf(m, "cpus_present %u\n", num_present_cpus());
	seq_printf(m, "cpus_online %u\n", num_online_cpus());
	seq_printf(m, "page_size %lu\n", PAGE_SIZE);
	seq_printf(m, "mem_total_kb %lu\n", pages_to_kb(memory.totalram));
	seq_printf(m, "mem_free_kb %lu\n", pages_to_kb(memory.freeram));
	seq_printf(m, "hz %d\n", HZ);
	seq_printf(m, "jiffies %llu\n", get_jiffies_64());
	seq_printf(m, "uptime_s %lld\n", ktime_get_boottime_seconds());
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
	remove_proc_entry(ENTRY_NAME, NULL);
}

module_init(sysinfo_init);
module_exit(sysinfo_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("What the kernel knows of the machine, in /proc/sysinfo");
MODULE_LICENSE("GPL");
