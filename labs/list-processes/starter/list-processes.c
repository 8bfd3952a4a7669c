// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab list-processes: a file in /proc that lists all processes.
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

#define ENTRY_NAME "processes"

static int processes_show(struct seq_file *m, void *v)
{
	/*
	 * TODO: a line for each process, with its pid, the pid of its parent,
	 * its real user, its state and its name. Nothing of it may go away
	 * while it is looked at.
	 */
	seq_printf(m, "%d\n", task_pid_nr(current));
	return 0;
}

static int __init processes_init(void)
{
	if (!proc_create_single(ENTRY_NAME, 0444, NULL, processes_show))
		return -ENOMEM;
	return 0;
}

static void __exit processes_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
}

module_init(processes_init);
module_exit(processes_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Lists all processes in /proc/processes");
MODULE_LICENSE("GPL");
