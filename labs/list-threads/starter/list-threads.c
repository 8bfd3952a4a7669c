// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab list-threads: a file in /proc that lists all threads.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#define ENTRY_NAME "threads"

static int threads_show(struct seq_file *m, void *v)
{
	struct task_struct *p;

	/* TODO: see to it that no process goes away while it is looked at. */

	for_each_process(p) {
		/*
		 * TODO: a line for each thread of the process, with the
		 * process, the thread, what it is, how many the process has,
		 * its user and its name.
		 */
		seq_printf(m, "%d\n", task_tgid_nr(p));
	}
	return 0;
}

static int __init threads_init(void)
{
	if (!proc_create_single(ENTRY_NAME, 0444, NULL, threads_show))
		return -ENOMEM;
	return 0;
}

static void __exit threads_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
}

module_init(threads_init);
module_exit(threads_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Lists all threads in /proc/threads");
MODULE_LICENSE("GPL");
