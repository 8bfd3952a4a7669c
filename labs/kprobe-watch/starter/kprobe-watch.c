// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab kprobe-watch: watch a function of the kernel, vfs_truncate(), while it
 * runs: how often it is called, and which calls it refuses.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/proc_fs.h>
#include <linux/ptrace.h>
#include <linux/seq_file.h>

#define ENTRY_NAME "truncates"

/* long vfs_truncate(const struct path *path, loff_t length) */
static char *function = "vfs_truncate";
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "the function to watch (default vfs_truncate)");

/* TODO: handlers run on all CPUs at once. */
static s64 calls, bytes, refused, refused_bytes;

/* TODO: a kprobe, whose pre_handler counts calls and adds up lengths. */

/*
 * TODO: a kretprobe, whose handler looks at what the function returns. Where
 * does it have the length from?
 */

static int truncates_show(struct seq_file *m, void *v)
{
	seq_printf(m, "calls %lld\n", calls);
	seq_printf(m, "bytes %lld\n", bytes);
	seq_printf(m, "refused %lld\n", refused);
	seq_printf(m, "refused_bytes %lld\n", refused_bytes);
	return 0;
}

static int __init watch_init(void)
{
	/* TODO: register both probes, and return the error if that fails. */

	if (!proc_create_single(ENTRY_NAME, 0444, NULL, truncates_show))
		return -ENOMEM;
	return 0;
}

static void __exit watch_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
	/* TODO: the probes too. */
}

module_init(watch_init);
module_exit(watch_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Watches a function of the kernel with probes");
MODULE_LICENSE("GPL");
